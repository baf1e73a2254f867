-- What a user's generation added to each of their clients stands with the clients now.
UPDATE users SET generation = 0;
