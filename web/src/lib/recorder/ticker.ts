// A clock in a worker: the timers of a hidden tab sleep, a worker's do not.
setInterval(() => postMessage(0), 1000 / 30);
