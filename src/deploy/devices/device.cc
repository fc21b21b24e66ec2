#include "deploy/devices/device.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/resources.h"
#include "deploy/devices/device_file.h"

namespace mote::deploy {
namespace {

constexpr std::string_view kPreferences[] = {"balance", "flash"};  // in the order of Preference

}  // namespace

std::vector<std::string> preferences() {
  return {std::begin(kPreferences), std::end(kPreferences)};
}

std::string_view name_of(Preference preference) {
  return kPreferences[static_cast<size_t>(preference)];
}

Preference preference(std::string_view name) {
  const auto* found = std::ranges::find(kPreferences, name);
  if (found != std::end(kPreferences)) return static_cast<Preference>(found - kPreferences);
  throw Error(ErrorKind::usage, fmt::format("nothing prefers '{}'", name), {},
              fmt::format("known: {}", fmt::join(kPreferences, ", ")));
}

Device host_device() {
  Device device;
  device.name = "host";
  device.description = "this machine";
  device.core = "host";
  device.isa = {"any"};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) device.isa.push_back("avx2");
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
    device.isa.push_back("avx512");
#endif
  device.compiler = "cc";
  device.compiler_flags = {"-O2"};
  return device;
}

std::vector<Device> built_in_devices() {
  std::vector<Device> devices;
  for (const std::string_view path : resources("deploy/devices/"))
    if (path.ends_with(".toml")) devices.push_back(parse_device(resource(path), std::string(path)));
  return devices;
}

std::string device_text(const std::string& name_or_path) {
  std::vector<std::string> names = {"host"};
  for (const std::string_view path : resources("deploy/devices/")) {
    if (!path.ends_with(".toml")) continue;
    names.push_back(parse_device(resource(path), std::string(path)).name);
    if (names.back() == name_or_path) return std::string(resource(path));
  }
  if (!has_extension(name_or_path, ".toml"))
    throw Error(ErrorKind::usage, fmt::format("there is no device '{}'", name_or_path), {},
                fmt::format("known: {}; or the path of a .toml file", fmt::join(names, ", ")));
  const Bytes bytes = read_file(name_or_path);
  return {bytes.begin(), bytes.end()};
}

Device load_device(const std::string& name_or_path) {
  if (name_or_path == "host") return host_device();
  return parse_device(device_text(name_or_path), name_or_path);
}

Device load_device(const std::string& name_or_path, const std::string& prefer) {
  Device device = load_device(name_or_path);
  if (!prefer.empty()) device.prefer = preference(prefer);
  return device;
}

}  // namespace mote::deploy
