// A real provider of OpenID Connect on a free port of this machine, whose clients come back to
// the address on its command line. Writes its own address. It says the claim `nip` when it is
// asked for the account; told `token` after the address, in the ID token.
// A line `nama NIP` on its standard input gives that account a NIP, `nama` takes it away; the
// line is written back once that holds. Any password will do.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const [redirect, way] = process.argv.slice(2);
const tell = (line) => process.stdout.write(line + "\n");

const nips = new Map();
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const [name, nip] = line.split(" ");
  nips.set(name, nip);
  tell(line);
});
input.on("close", () => process.exit());

console.warn = console.info = () => {};
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: "smartclass", client_secret: "rahasia-untuk-uji", redirect_uris: [redirect] },
    ],
    claims: { openid: ["sub"], profile: ["nip"] },
    conformIdTokenClaims: way !== "token",
    pkce: { required: () => true },
    findAccount: (_, name) => ({
      accountId: name,
      claims: () => ({ sub: name, nip: nips.has(name) ? [nips.get(name)] : undefined }),
    }),
    cookies: { keys: ["kunci untuk uji"] },
  });
  server.on("request", provider.callback());
  tell(issuer);
});
