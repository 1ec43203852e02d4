export { NAGetProcesses, type Task } from './get-processes.js';
