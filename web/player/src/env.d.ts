declare module '*.css?inline' {
  const text: string;
  export default text;
}
declare module 'hls-source' {
  export { default } from 'hls.js';
}
