export { Bytes } from "./bytes";
export {
  type Callable,
  FunctionBuilder,
  f32,
  f64,
  type Global,
  i32,
  i64,
  type Label,
  Local,
  type Operand,
  type ValType,
  v128,
} from "./function-builder";
export { ModuleBuilder, memoryLimits } from "./module-builder";
