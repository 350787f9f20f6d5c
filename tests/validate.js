// node validate.js <folder of gltf-validator> <file.glb>: prints the validator's report as JSON.
const fs = require("fs");
const [package_, file] = process.argv.slice(2);
require(package_)
  .validateBytes(new Uint8Array(fs.readFileSync(file)), { uri: file })
  .then((report) => process.stdout.write(JSON.stringify(report)))
  .catch((error) => { process.stderr.write(String(error)); process.exit(1); });
