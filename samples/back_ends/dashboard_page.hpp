// SPDX-License-Identifier: MIT
// The dashboard's page.
#pragma once

#include <string_view>

inline constexpr std::string_view kDashboardPage = R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Live calls</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-bottom: 1px solid #ccc; padding: .4rem; text-align: left; }
  #state { color: #666; font-size: 1rem; font-weight: normal; }
  button { margin-right: .4rem; }
</style>
<h1>Live calls <span id="state">connecting</span></h1>
<p><label>Redirect to extension <input id="extension" value="100" size="6"></label></p>
<table>
  <thead><tr><th>Caller<th>Script<th>Channel<th></thead>
  <tbody id="calls"></tbody>
</table>
<script>
  const state = document.getElementById('state');
  const extension = document.getElementById('extension');
  let socket;

  function button(cell, text, order) {
    const made = document.createElement('button');
    made.textContent = text;
    made.onclick = () => socket.send(JSON.stringify(order()));
    cell.append(made);
  }
  function row(call) {
    const made = document.createElement('tr');
    const caller = call.name ? `${call.name} <${call.caller}>` : call.caller;
    for (const text of [caller, call.path, call.channel])
      made.insertCell().textContent = text;  // as text, whatever a caller is named
    const cell = made.insertCell();
    button(cell, 'Hang up', () => ({ call: call.number, hang_up: true }));
    button(cell, 'Redirect', () => ({ call: call.number, redirect: extension.value }));
    return made;
  }
  function connect() {
    socket = new WebSocket(`ws://${location.host}/calls`);
    socket.onmessage = event => {
      const calls = JSON.parse(event.data);
      document.getElementById('calls').replaceChildren(...calls.map(row));
      state.textContent = calls.length;
    };
    socket.onclose = () => {
      state.textContent = 'disconnected';
      setTimeout(connect, 1000);
    };
  }
  connect();
</script>
</html>
)html";
