#include "deploy/devices/device_file.h"

#include <algorithm>
#include <set>
#include <variant>

#include <fmt/format.h>

#include "base/toml_reader.h"

namespace mote::deploy {
namespace {

using Member =
    std::variant<std::string Device::*, std::vector<std::string> Device::*, int64_t Device::*,
                 uint64_t Device::*, std::optional<double> Device::*, Preference Device::*>;

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
    {"prefer", &Device::prefer},
    {"flash_origin", &Device::flash_origin, true},
    {"flash_bytes", &Device::flash_bytes, true},
    {"ram_origin", &Device::ram_origin, true},
    {"ram_bytes", &Device::ram_bytes, true},
    {"external_memory", &Device::external_memory},
    {"external_origin", &Device::external_origin},
    {"external_bytes", &Device::external_bytes},
    {"clock_hz", &Device::clock_hz},
    {"compiler", &Device::compiler, true},
    {"compiler_flags", &Device::compiler_flags},
    {"emulator", &Device::emulator},
    {"emulator_machine", &Device::emulator_machine},
    {"stand_in", &Device::stand_in},
    {"picojoules_per_cycle", &Device::picojoules_per_cycle},
    {"energy_source", &Device::energy_source},
};

const std::set<std::string_view> kIsaNames{"any", "dsp", "mve", "rv32", "avx2", "avx512"};
constexpr int64_t kMaxAddress = UINT32_MAX;
constexpr double kMinPicojoules = 1e-3, kMaxPicojoules = 1e6;

class Reader : TomlReader {
 public:
  using TomlReader::TomlReader;

  Device read(std::string_view text) {
    const toml::table table = parse(text, "a device is TOML");
    std::set<std::string_view> names;
    for (const Key& key : kKeys) {
      names.insert(key.name);
      if (table.contains(key.name))
        std::visit([&](auto member) { set(table, key.name, device_.*member); }, key.member);
      else if (key.required)
        fail(table, fmt::format("no `{}`", key.name), "");
    }
    allow(table, names);
    check(table);
    device_.packs_weights = true;  // flash is what a microcontroller is short of
    if (std::ranges::count(device_.isa, "any") == 0) device_.isa.insert(device_.isa.begin(), "any");
    return std::move(device_);
  }

 private:
  void set(const toml::table& table, std::string_view key, std::string& value) const {
    value = text(table, key, "");
    if (value.empty()) fail(*table.get(key), fmt::format("'{}' is empty", key), "");
  }
  void set(const toml::table& table, std::string_view key, std::vector<std::string>& value) const {
    value = strings(table, key);
  }
  void set(const toml::table& table, std::string_view key, int64_t& value) const {
    value = integer<int64_t>(table, key, 0, 1, kMaxAddress);
  }
  void set(const toml::table& table, std::string_view key, uint64_t& value) const {
    value = integer<uint64_t>(table, key, 0, 0, kMaxAddress);
  }
  void set(const toml::table& table, std::string_view key, std::optional<double>& value) const {
    value = real(table, key, 0, kMinPicojoules, kMaxPicojoules);
  }
  void set(const toml::table& table, std::string_view key, Preference& value) const {
    const std::string name = text(table, key, "");
    const std::vector<std::string> names = preferences();
    expect(table, key, name, {names.begin(), names.end()});
    value = preference(name);
  }

  // What holds between keys.
  void check(const toml::table& table) const {
    for (const std::string& isa : device_.isa) expect(table, "isa", isa, kIsaNames);
    const bool external = table.contains("external_memory");
    for (const char* key : {"external_origin", "external_bytes"})
      if (table.contains(key) != external)
        fail(table, "`external_memory`, `external_origin` and `external_bytes` go together", "");
    if (device_.emulator.empty() != device_.emulator_machine.empty())
      fail(table, "`emulator` and `emulator_machine` go together", "");
    if (!device_.emulator.empty() && !device_.stand_in.empty())
      fail(table, "`emulator` and `stand_in` exclude each other", "");
    if (device_.picojoules_per_cycle.has_value() == device_.energy_source.empty())
      fail(table, "`picojoules_per_cycle` and `energy_source` go together",
           "a figure without its source is no figure");
  }

  Device device_;
};

}  // namespace

Device parse_device(std::string_view text, const std::string& where) {
  return Reader(where).read(text);
}

}  // namespace mote::deploy
