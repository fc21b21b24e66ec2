// A Device: what a program is lowered for and held against. Built-in ones are devices/*.toml; a
// user's own file is named by its path. Tested by device_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mote::deploy {

// What counts where weights can be kept in several ways.
enum class Preference : uint8_t {
  balance,  // few bytes of flash, but none for which a layer would take clearly longer
  flash,    // the fewest bytes, decoders' code included, whatever they cost in instructions
};
// "balance", "flash".
std::vector<std::string> preferences();
std::string_view name_of(Preference preference);
// By its name. Throws Error{usage} that lists the names.
Preference preference(std::string_view name);

struct Device {
  std::string name;              // "mps2-an386"
  std::string description;       // "Cortex-M4F on Arm's MPS2 board, emulated"
  std::string core;              // "cortex-m4"; "host" for this machine
  std::vector<std::string> isa;  // what kernels may need: "any", "dsp", "mve", "avx2"
  bool packs_weights = false;    // kept small, and decoded by the kernels
  Preference prefer = Preference::balance;
  int64_t flash_bytes = 0;  // 0: no limit
  int64_t ram_bytes = 0;
  int64_t clock_hz = 0;  // 0: not stated
  std::string compiler;  // "arm-none-eabi-gcc"
  std::vector<std::string> compiler_flags;
  uint64_t flash_origin = 0;
  uint64_t ram_origin = 0;
  // Memory of the board beside its flash and RAM, where there is some. Constants that exceed the
  // flash lie there, and an arena that exceeds the RAM; figures still say by how much they do.
  std::string external_memory;  // "DDR4"; empty: there is none
  uint64_t external_origin = 0;
  int64_t external_bytes = 0;
  std::string emulator;          // "qemu-system-arm"; empty: cannot be emulated
  std::string emulator_machine;  // "mps2-an386"
  // Another device, of the same core and compiler, on which this one's firmware is run instead.
  std::string stand_in;
  std::optional<double> picojoules_per_cycle;  // with its source, from published measurements
  std::string energy_source;
};

// This machine, as the engines `reference` and `native` see it.
Device host_device();
// A built-in device by name, or a .toml by path. Throws Error{usage} that lists the known names, or
// Error{invalid_input} that names file, line and key.
Device load_device(const std::string& name_or_path);
// The same with another preference, by its name; an empty one keeps what the device has. Throws
// Error{usage} that lists the names.
Device load_device(const std::string& name_or_path, const std::string& prefer);
// The TOML text of the same; the host has none.
std::string device_text(const std::string& name_or_path);
std::vector<Device> built_in_devices();

}  // namespace mote::deploy
