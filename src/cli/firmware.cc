#include "cli/firmware.h"

#include <fmt/format.h>

namespace mote::cli {
namespace {

std::string bytes(int64_t count) {
  return grouped(count) + " B";
}

}  // namespace

Json fields_of(const evaluate::FirmwareFigures& figures) {
  const deploy::FirmwareSize& size = figures.size;
  Json fields{{"flash_bytes", size.flash_bytes},
              {"constant_bytes", size.constant_bytes},
              {"code_bytes", size.code_bytes},
              {"arena_bytes", size.arena_bytes},
              {"static_bytes", size.static_bytes}};
  if (!figures.not_linked.empty())
    for (const char* key : {"flash_bytes", "code_bytes", "static_bytes"}) fields[key] = nullptr;
  fields["fits"] = !figures.over_budget;
  if (figures.over_budget) {
    fields["flash_over_bytes"] = figures.over_budget->flash_over_bytes;
    fields["ram_over_bytes"] = figures.over_budget->ram_over_bytes;
  }
  Json run{{"ram_bytes", nullptr},
           {"stack_bytes", nullptr},
           {"instructions", nullptr},
           {"outputs_equal", nullptr},
           {"samples", 0}};
  if (figures.check)
    run = {{"ram_bytes", figures.check->emulation.ram_bytes},
           {"stack_bytes", figures.check->emulation.stack_bytes},
           {"instructions", figures.check->emulation.instructions},
           {"outputs_equal", figures.check->outputs_equal},
           {"samples", figures.check->samples}};
  fields.update(run);
  return fields;
}

std::string text_of(const std::string& directory, const deploy::Device& device,
                    const evaluate::FirmwareFigures& figures) {
  const deploy::FirmwareSize& size = figures.size;
  std::vector<std::pair<std::string, std::string>> lines{
      {"firmware", directory}, {"device", fmt::format("{}, {}", device.name, device.description)}};
  if (!figures.not_linked.empty()) {
    lines.insert(lines.end(), {{"network constants", bytes(size.constant_bytes)},
                               {"arena", bytes(size.arena_bytes)},
                               {"flash", "not measured: " + figures.not_linked}});
    return facts(lines);
  }
  lines.insert(lines.end(), {{"flash (linked)", bytes(size.flash_bytes)},
                             {"  network constants", bytes(size.constant_bytes)},
                             {"  code and the rest", bytes(size.code_bytes)},
                             {"arena", bytes(size.arena_bytes)}});
  if (!figures.check) return facts(lines);
  const evaluate::FirmwareCheck& check = *figures.check;
  lines.insert(
      lines.end(),
      {{"RAM (arena, data, stack)", bytes(check.emulation.ram_bytes)},
       {"instructions per inference", grouped(check.emulation.instructions)},
       {"outputs equal to the host's",
        fmt::format("{} ({} samples)", check.outputs_equal ? "yes" : "NO", check.samples)}});
  return facts(lines);
}

}  // namespace mote::cli
