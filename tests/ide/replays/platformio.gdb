echo PlatformIO Unified Debugger -> https://bit.ly/pio-debug\n
echo PlatformIO: debug_tool = custom\n
echo PlatformIO: Initializing remote target...\n

define pio_reset_halt_target
    monitor reset halt
end

define pio_reset_run_target
    monitor reset
end

target extended-remote {port}
monitor init
load
pio_reset_halt_target
tbreak main
define pio_restart_target
   pio_reset_halt_target
   tbreak main
   continue
end
echo PlatformIO: Initialization completed\n
