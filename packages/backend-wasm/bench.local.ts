import { aval, core, buildProgram, type Aval, type Atom } from "@ansatz/backend";
import { wasmBackend } from "@ansatz/backend-wasm";
const F = "float32" as const;
const best = (n: number, f: () => void) => { let m = Infinity; const all: number[]=[]; for (let i = 0; i < n; i++) { const t = performance.now(); f(); const d=performance.now()-t; all.push(d); if (d < m) m = d; } all.sort((a,b)=>a-b); return `min ${(m*1000).toFixed(1)}us med ${(all[n>>1]*1000).toFixed(1)}us`; };
const b = wasmBackend();
const mk = (a: Aval) => { const n = a.shape.reduce((x,y)=>x*y,1); const d = a.dtype==="float32"? new Float32Array(n): new Float64Array(n); for (let i=0;i<n;i++) d[i]=Math.sin(i*0.37)*0.5; return b.upload(d, a); };
// 500 equations
for (let rep=0; rep<3; rep++) {
  const x = aval([8+rep, 16], "float64");
  const p = buildProgram([x], (emit, a) => { let v: Atom = a; for (let i = 0; i < 125; i++) { [v] = emit(core.sin, {}, v); [v] = emit(core.mul, {}, v, a); const [s] = emit(core.reduceMax, {axes:[1]}, v); const [t] = emit(core.broadcast, {shape:x.shape, axes:[0]}, s); [v]=emit(core.add, {}, v, t); } return [v]; });
  const t = performance.now(); const e = b.compile(p); const t1=performance.now(); const o=e.run([mk(x)]); console.log(p.equations.length, "equations compile ms", (t1-t).toFixed(1), "first run", (performance.now()-t1).toFixed(2));
}
// elementwise 1e6
for (const d of ["float64","float32"] as const) {
  const a = aval([1000000], d);
  const x = mk(a), y = mk(a);
  for (const [name, op] of [["add",core.add],["mul",core.mul]] as const) {
    const e = b.compile(buildProgram([a,a],(emit,p,q)=>{const [r]=emit(op,{},p,q); return emit(core.add,{},r,q);}));
    console.log(d, name, best(20, () => { b.free(e.run([x,y])[0]); }));
  }
  for (const op of ["exp","tanh","log","sin"] as const) {
  const ee = b.compile(buildProgram([a],(emit,p)=>emit(core[op],{},p)));
  console.log(d, op, best(10, () => { b.free(ee.run([x])[0]); })); }
  const es = b.compile(buildProgram([a],(emit,p)=>emit(core.reduceSum,{axes:[0]},p)));
  console.log(d, "sum", best(10, () => { b.free(es.run([x])[0]); }));
  const m = aval([1000,1000], d); const xm = mk(m);
  for (const ax of [0,1]) { const er = b.compile(buildProgram([m],(emit,p)=>emit(core.reduceSum,{axes:[ax]},p)));
  console.log(d, "sum axis", ax, best(10, () => { b.free(er.run([xm])[0]); })); }
  const et = b.compile(buildProgram([m],(emit,p)=>emit(core.transpose,{permutation:[1,0]},p)));
  console.log(d, "transpose", best(10, () => { b.free(et.run([xm])[0]); }));
  const em = b.compile(buildProgram([aval([512,512],d),aval([512,512],d)],(emit,p,q)=>emit(core.dotGeneral,{lhsContract:[1],rhsContract:[0],lhsBatch:[],rhsBatch:[]},p,q)));
  const A=mk(aval([512,512],d)), B=mk(aval([512,512],d));
  console.log(d, "matmul 512", best(10, () => { b.free(em.run([A,B])[0]); }));
}
// mlp step
{
  const N=256, H=64; const s=(...k:number[])=>aval(k,F);
  const dot=(emit:any,a:Atom,bb:Atom,lc:number,rc:number)=>emit(core.dotGeneral,{lhsContract:[lc],rhsContract:[rc],lhsBatch:[],rhsBatch:[]},a,bb)[0];
  const lit=(v:number)=>({kind:"literal" as const, aval:aval([],F), value:v});
  const p = buildProgram([s(N,2),s(N,2),s(2,H),s(H),s(H,H),s(H),s(H,2),s(2)],(emit,x,y,w1,b1,w2,b2,w3,b3)=>{
    const bc=(v:Atom,shape:number[],axes:number[])=>emit(core.broadcast,{shape,axes},v)[0];
    const add=(a:Atom,c:Atom)=>emit(core.add,{},a,c)[0], mul=(a:Atom,c:Atom)=>emit(core.mul,{},a,c)[0], sub=(a:Atom,c:Atom)=>emit(core.sub,{},a,c)[0];
    const h1=emit(core.tanh,{},add(dot(emit,x,w1,1,0),bc(b1,[N,H],[1])))[0];
    const h2=emit(core.tanh,{},add(dot(emit,h1,w2,1,0),bc(b2,[N,H],[1])))[0];
    const o=add(dot(emit,h2,w3,1,0),bc(b3,[N,2],[1]));
    const d=sub(o,y); const loss=emit(core.reduceSum,{axes:[0,1]},mul(d,d))[0];
    const g=mul(d,bc(lit(2/(N*2)),[N,2],[]));
    const gw3=dot(emit,h2,g,0,0), gb3=emit(core.reduceSum,{axes:[0]},g)[0];
    const gh2=dot(emit,g,w3,1,1); const gz2=mul(gh2,sub(bc(lit(1),[N,H],[]),mul(h2,h2)));
    const gw2=dot(emit,h1,gz2,0,0), gb2=emit(core.reduceSum,{axes:[0]},gz2)[0];
    const gh1=dot(emit,gz2,w2,1,1); const gz1=mul(gh1,sub(bc(lit(1),[N,H],[]),mul(h1,h1)));
    const gw1=dot(emit,x,gz1,0,0), gb1=emit(core.reduceSum,{axes:[0]},gz1)[0];
    const up=(w:Atom,gw:Atom)=>sub(w,mul(gw,bc(lit(0.1),[...w.aval.shape],[])));
    return [loss,up(w1,gw1),up(b1,gb1),up(w2,gw2),up(b2,gb2),up(w3,gw3),up(b3,gb3)];
  });
  const t=performance.now(); const e=b.compile(p); console.log("mlp compile ms", performance.now()-t);
  const ins=p.inputs.map(v=>mk(v.aval));
  console.log("mlp step", best(300, ()=>{ for (const o of e.run(ins)) b.free(o); }));
}
