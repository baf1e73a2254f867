/* libjwt with the active key's PEM, `libjwt PEM ISSUER AUDIENCE`: a token a line, and what becomes of each. */
#include <jwt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *verdict(const char *token, const unsigned char *pem, int length, char **argv)
{
    jwt_t *jwt = NULL;
    int failed = jwt_decode(&jwt, token, pem, length);
    if (failed)
        return strerror(failed);
    const char *iss = jwt_get_grant(jwt, "iss"), *aud = jwt_get_grant(jwt, "aud");
    int is_ours = jwt_get_alg(jwt) == JWT_ALG_RS512 && iss && aud && !strcmp(iss, argv[2]) && !strcmp(aud, argv[3])
        && jwt_get_grant_int(jwt, "exp") > time(NULL);
    const char *said = is_ours ? NULL : "a claim";
    jwt_free(jwt);
    return said;
}

int main(int argc, char **argv)
{
    static unsigned char pem[65536];
    static char line[65536];
    FILE *file = argc == 4 ? fopen(argv[1], "rb") : NULL;
    if (!file)
        return 2;
    int length = (int)fread(pem, 1, sizeof pem - 1, file);
    fclose(file);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        const char *refused = verdict(line, pem, length, argv);
        printf(refused ? "refuses: %s\n" : "takes\n", refused);
    }
    return 0;
}
