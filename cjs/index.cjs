// What require('pm2-lifeguard') gives: the ES module itself, which every supported Node takes that way.
module.exports = require('../dist/src/index.js');
