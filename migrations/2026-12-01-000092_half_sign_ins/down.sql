DROP TABLE half_sign_ins;
