// How many records a second faker.js makes of a record template, the way the Kinesis Data Generator uses it: newlines
// dropped, date.now added, faker.fake() once per record.
//
//     node faker_bench.js TEMPLATE SECONDS        (NODE_PATH names the folder that holds faker)
'use strict';
const fs = require('fs');
const faker = require('faker');

faker.date.now = () => new Date().toISOString().slice(0, 19) + '+00:00';
// faker.fake() takes every "}}" for the end of a call, so the record's own closing braces stand apart here.
const text = fs
  .readFileSync(process.argv[2], 'utf8')
  .replace(/^#.*\n/, '')
  .replace(/\n/g, '')
  .replace(/}+\s*$/, (braces) => braces.trim().split('').join(' '));
const seconds = Number(process.argv[3]);
JSON.parse(faker.fake(text)); // it is the record that is meant

const measure = (duration) => {
  const end = process.hrtime.bigint() + BigInt(Math.round(duration * 1e9));
  const start = process.hrtime.bigint();
  let records = 0;
  while (process.hrtime.bigint() < end) {
    for (let i = 0; i < 100; i += 1) faker.fake(text);
    records += 100;
  }
  return records / (Number(process.hrtime.bigint() - start) / 1e9);
};

measure(0.5); // lets the compiler warm up
console.log(JSON.stringify({ records_per_s: measure(seconds) }));
