export type { Device, DeviceKernel, ScheduleCounts, ScheduledBackend, ScheduleOptions } from "./device";
export { scheduled } from "./scheduled";
