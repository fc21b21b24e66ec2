#include "deploy/devices/device_file.h"

#include <algorithm>
#include <sstream>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "ir/error.h"

namespace mote::deploy {
namespace {

using Member = std::variant<std::string Device::*, std::vector<std::string> Device::*,
                            int64_t Device::*, uint64_t Device::*, std::optional<double> Device::*>;

struct Key {
  std::string_view name;
  Member member;
  bool required = false;
};

const Key kKeys[] = {
    {"name", &Device::name, true},
    {"description", &Device::description},
    {"core", &Device::core, true},
    {"isa", &Device::isa},
    {"flash_origin", &Device::flash_origin, true},
    {"flash_bytes", &Device::flash_bytes, true},
    {"ram_origin", &Device::ram_origin, true},
    {"ram_bytes", &Device::ram_bytes, true},
    {"clock_hz", &Device::clock_hz},
    {"compiler", &Device::compiler, true},
    {"compiler_flags", &Device::compiler_flags},
    {"emulator", &Device::emulator},
    {"emulator_machine", &Device::emulator_machine},
    {"stand_in", &Device::stand_in},
    {"picojoules_per_cycle", &Device::picojoules_per_cycle},
    {"energy_source", &Device::energy_source},
};

constexpr std::string_view kIsaNames[] = {"any", "dsp", "mve", "rv32", "avx2", "avx512"};
constexpr int64_t kMaxAddress = UINT32_MAX;

std::string at(const std::string& where, const toml::source_region& source) {
  return fmt::format("{}:{}", where, source.begin.line);
}

[[noreturn]] void reject(const std::string& where, const toml::node& node, std::string_view key,
                         const std::string& allowed) {
  throw Error(ErrorKind::invalid_input, fmt::format("key '{}' must be {}", key, allowed),
              at(where, node.source()));
}

// Writes one TOML value into one member of the device, whichever type that has.
struct Reader {
  Device& device;
  const std::string& where;
  std::string_view key;
  const toml::node& node;

  void operator()(std::string Device::*member) const {
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) reject(where, node, key, "a text that is not empty");
    device.*member = *value;
  }

  void operator()(std::vector<std::string> Device::*member) const {
    const toml::array* array = node.as_array();
    if (!array) reject(where, node, key, "a list of texts");
    for (const toml::node& element : *array) {
      const auto value = element.value_exact<std::string>();
      if (!value) reject(where, element, key, "a list of texts");
      (device.*member).push_back(*value);
    }
  }

  int64_t integer(int64_t min) const {
    const auto value = node.value_exact<int64_t>();
    if (!value || *value < min || *value > kMaxAddress)
      reject(where, node, key, fmt::format("an integer from {} to {}", min, kMaxAddress));
    return *value;
  }
  void operator()(int64_t Device::*member) const { device.*member = integer(1); }
  void operator()(uint64_t Device::*member) const {
    device.*member = static_cast<uint64_t>(integer(0));
  }

  void operator()(std::optional<double> Device::*member) const {
    const auto value = node.value<double>();
    if (!value || !(*value > 0)) reject(where, node, key, "a number above 0");
    device.*member = *value;
  }
};

// What holds between keys.
void check(const Device& device, const toml::table& table, const std::string& where) {
  for (const std::string& isa : device.isa)
    if (std::find(std::begin(kIsaNames), std::end(kIsaNames), isa) == std::end(kIsaNames))
      reject(where, *table.get("isa"), "isa", fmt::format("of {}", fmt::join(kIsaNames, ", ")));
  if (device.emulator.empty() != device.emulator_machine.empty())
    throw Error(ErrorKind::invalid_input, "keys 'emulator' and 'emulator_machine' go together",
                where);
  if (!device.emulator.empty() && !device.stand_in.empty())
    throw Error(ErrorKind::invalid_input, "keys 'emulator' and 'stand_in' exclude each other",
                where);
  if (device.picojoules_per_cycle.has_value() == device.energy_source.empty())
    throw Error(ErrorKind::invalid_input,
                "keys 'picojoules_per_cycle' and 'energy_source' go together", where,
                "a figure without its source is no figure");
}

toml::table parse_toml(std::string_view text, const std::string& where) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::invalid_input, std::string(error.description()),
                at(where, error.source()));
  }
}

}  // namespace

Device parse_device(std::string_view text, const std::string& where) {
  const toml::table table = parse_toml(text, where);
  Device device;
  device.packs_weights = true;  // flash is what a microcontroller is short of
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) {
    names.push_back(key.name);
    const toml::node* node = table.get(key.name);
    if (node)
      std::visit(Reader{device, where, key.name, *node}, key.member);
    else if (key.required)
      throw Error(ErrorKind::invalid_input, fmt::format("key '{}' is missing", key.name), where);
  }
  for (const auto& [name, node] : table)
    if (std::find(names.begin(), names.end(), name.str()) == names.end())
      throw Error(ErrorKind::invalid_input, fmt::format("unknown key '{}'", name.str()),
                  at(where, node.source()), fmt::format("allowed: {}", fmt::join(names, ", ")));
  check(device, table, where);
  if (std::find(device.isa.begin(), device.isa.end(), "any") == device.isa.end())
    device.isa.insert(device.isa.begin(), "any");
  return device;
}

}  // namespace mote::deploy
