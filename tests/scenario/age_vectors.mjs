// Writes the age project's test vectors into a folder, each as NAME.head ("key: value" lines) and NAME.age:
//
//     node age_vectors.mjs INDEX_JS FOLDER
//
// INDEX_JS is the module of the npm package cctv-age. A vector is its head, an empty line, and the file, which
// may be compressed.
import fs from 'node:fs';
import path from 'node:path';
import url from 'node:url';
import zlib from 'node:zlib';

const [index, folder] = process.argv.slice(2);
const vectors = await import(url.pathToFileURL(index));
for (const [name, bytes] of Object.entries(vectors)) {
    if (!(bytes instanceof Uint8Array))
        continue;
    const whole = Buffer.from(bytes);
    const end = whole.indexOf('\n\n');
    const head = whole.subarray(0, end + 1);
    let file = whole.subarray(end + 2);
    if (/^compressed: zlib$/m.test(head.toString()))
        file = zlib.inflateSync(file);
    fs.writeFileSync(path.join(folder, name + '.head'), head);
    fs.writeFileSync(path.join(folder, name + '.age'), file);
}
