import { aval, core, equation, newVar, singleton, type Program } from "@ansatz/backend";
import { wasmBackend } from "@ansatz/backend-wasm";
const b = wasmBackend();
const x = b.upload(new Float64Array([1,2,3,4]), aval([4],"float64"));
const e = b.compile(singleton(core.exp, {}, [x.aval]));
console.log(b.readSync(e.run([x])[0]));
const m = b.upload(Float64Array.from({length:6},(_, i)=>i), aval([2,3],"float64"));
console.log(b.readSync(b.compile(singleton(core.reduceSum, {axes:[0]}, [m.aval])).run([m])[0]));
console.log(b.readSync(b.compile(singleton(core.reduceSum, {axes:[1]}, [m.aval])).run([m])[0]));
console.log(b.readSync(b.compile(singleton(core.transpose, {permutation:[1,0]}, [m.aval])).run([m])[0]));
console.log(b.readSync(b.compile(singleton(core.cumSum, {axis:1, reverse:true}, [m.aval])).run([m])[0]));
let t=performance.now(); const e2=b.compile(singleton(core.add, {}, [x.aval,x.aval]));
for(let r=0;r<5;r++){ t=performance.now(); for(let i=0;i<100000;i++){ const o=e2.run([x,x]); b.free(o[0]); } console.log("run us", (performance.now()-t)/100); }
t=performance.now(); for(let n=1;n<=10000;n++) b.compile(singleton(core.exp, {}, [aval([n],"float64")])); console.log("10000 compiles ms", performance.now()-t, b.stats(), b.live());
