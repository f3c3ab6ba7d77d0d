#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The benchmark's handlers on ding-dong (npm), which must be in NODE_PATH.
const AGIServer = require('ding-dong');

const commands = [
    'ANSWER',
    'GET VARIABLE "CALLERID(num)"',
    'GET VARIABLE "CHANNEL(language)"',
    'GET VARIABLE "CUSTOMER_ID"',
    'SET VARIABLE "RESULT" "ok"',
    'STREAM FILE "welcome" "0123456789"',
    'GET DATA "enter-pin" 5000 4',
    'EXEC "NoOp" "bench"',
    'VERBOSE "done" 1',
    'HANGUP',
];

async function serve(context) {
    const variables = await context.onEvent('variables');
    const script = variables.agi_network_script;
    for (const command of script === 'bench' ? commands : ['VERBOSE "x" 1'])
        await context.sendCommand(command);
    await context.end();
}

new AGIServer(serve).start(Number(process.argv[3]));
