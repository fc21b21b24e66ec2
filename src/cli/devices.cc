// `mote devices`: the built-in devices.
#include <algorithm>

#include "cli/command.h"
#include "cli/output.h"
#include "deploy/devices/device.h"

namespace mote::cli {
namespace {

std::string limit(int64_t bytes) {
  return bytes == 0 ? "-" : grouped(bytes);
}

void run(const Common& common) {
  Json devices = Json::array();
  Table table({"device", "core", "flash (B)", "RAM (B)", "emulated", "description"});
  for (const deploy::Device& device : deploy::built_in_devices()) {
    const bool emulated = !device.emulator.empty();
    devices.push_back({{"name", device.name},
                       {"description", device.description},
                       {"core", device.core},
                       {"isa", device.isa},
                       {"flash_bytes", device.flash_bytes},
                       {"ram_bytes", device.ram_bytes},
                       {"external_memory",
                        device.external_memory.empty() ? Json() : Json(device.external_memory)},
                       {"external_bytes", device.external_bytes},
                       {"clock_hz", device.clock_hz},
                       {"emulated", emulated}});
    table.add({device.name, device.core, limit(device.flash_bytes), limit(device.ram_bytes),
               emulated ? "yes" : "no", device.description});
  }
  print_result(common, "devices", {{"devices", devices}}, table.text());
}

}  // namespace

void add_devices(CLI::App& app) {
  auto options = std::make_shared<Common>();
  on_run(add_verb(app, "devices", "Lists the built-in devices", "mote devices", *options), options,
         run);
}

}  // namespace mote::cli
