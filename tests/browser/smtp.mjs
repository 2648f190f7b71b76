// A real mail server on a free port of this machine. Writes its port, then a line of JSON for
// each mail that it took. How it treats a mail is said by whom it is for:
//   sibuk@…   451 at the first try, then taken
//   hilang@…  550
//   lambat@…  taken, but the answer is held back until its standard input says something
import { SMTPServer } from "smtp-server";

const tried = new Set();
let release;
const released = new Promise((done) => (release = done));
process.stdin.on("data", release);
process.stdin.on("end", () => process.exit());

const refusal = (code, words) => Object.assign(new Error(words), { responseCode: code });
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo({ address }, session, done) {
    const name = address.split("@")[0];
    if (name === "hilang") return done(refusal(550, "5.1.1 tidak ada pemakai itu"));
    if (name === "sibuk" && !tried.has(address)) {
      tried.add(address);
      return done(refusal(451, "4.7.1 coba lagi nanti"));
    }
    done();
  },
  onData(stream, { envelope }, done) {
    const to = envelope.rcptTo.map((one) => one.address);
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", async () => {
      tell({ to, from: envelope.mailFrom.address, raw: Buffer.concat(chunks).toString("utf8") });
      if (to[0].startsWith("lambat@")) await released;
      done();
    });
  },
});
server.listen(0, "127.0.0.1", () => tell(server.server.address().port));
