// Spring Security's resource server, as the README has it: a token a line, and what becomes of each.
import java.util.Scanner;
import org.springframework.core.SpringVersion;
import org.springframework.security.core.SpringSecurityCoreVersion;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

public class Verify {
    public static void main(String[] arguments) {
        String issuer = System.getenv("ISSUER");
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(issuer).build();
        decoder.setJwtValidator(
            JwtValidators.createAtJwtValidator().issuer(issuer).audience(System.getenv("AUDIENCE")).build());
        System.out.println("Spring Security " + SpringSecurityCoreVersion.getVersion());
        Scanner lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            try {
                decoder.decode(lines.nextLine());
                System.out.println("takes");
            } catch (JwtException refused) {
                System.out.println("refuses: " + refused.getMessage().replace('\n', ' '));
            }
        }
    }
}
