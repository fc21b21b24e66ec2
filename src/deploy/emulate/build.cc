#include "deploy/emulate/build.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/resources.h"
#include "deploy/emit/project.h"
#include "deploy/emulate/elf.h"
#include "deploy/lower/budget.h"

namespace mote::deploy {
namespace {

constexpr const char* kFolder = "deploy/emulate/";
constexpr const char* kFirmware = "firmware.elf";
// An assembler copies in no time what a compiler reads for minutes.
constexpr int64_t kBinaryFromBytes = int64_t{1} << 20;

TemplateData place_list(const Program& program, const std::vector<Port>& ports) {
  TemplateData list{TemplateData::type::list};
  for (const Port& port : ports) {
    const Buffer& buffer = program.plan.buffers.at(static_cast<size_t>(port.buffer));
    TemplateData data;
    data.set("place", fmt::format("mote_arena + {}", buffer.offset_bytes));
    data.set("bytes", fmt::to_string(byte_size(port.type)));
    list.push_back(data);
  }
  return list;
}

// "(void *)(mote_arena + 0), ...": the ports where the plan keeps room for them.
std::string argument_list(const Program& program) {
  std::vector<std::string> arguments;
  for (const auto* ports : {&program.inputs, &program.outputs})
    for (const Port& port : *ports) {
      const Buffer& buffer = program.plan.buffers.at(static_cast<size_t>(port.buffer));
      arguments.push_back(fmt::format("(void *)(mote_arena + {})", buffer.offset_bytes));
    }
  return fmt::format("{}", fmt::join(arguments, ", "));
}

void check_core(const Device& device) {
  if (!device.core.starts_with("cortex-m"))
    throw Error(ErrorKind::unsupported,
                fmt::format("no start-up code for the core '{}'", device.core), device.name,
                "firmware can be linked for Cortex-M; the emitted C compiles for any core");
}

}  // namespace

FirmwareBuild::FirmwareBuild(const Program& program, const Device& device,
                             const EmitOptions& emit_options, const std::string& directory)
    : program_(program), device_(device), directory_(directory) {
  check_core(device);
  EmitOptions options = emit_options;
  options.binary_from_bytes = kBinaryFromBytes;
  FirmwareFiles files;
  for (auto& [path, text] : emit(program, options)) files["model/" + path] = std::move(text);
  TemplateData data;
  data.set("name", options.name);
  data.set("NAME", upper_case(options.name));
  data.set("arguments", argument_list(program));
  data.set("inputs", place_list(program, program.inputs));
  data.set("outputs", place_list(program, program.outputs));
  for (const std::string name : {"main.c", "harness.c"})
    files[name] = fill_template(kFolder + name + ".mustache", data);
  files["startup.c"] = resource(std::string(kFolder) + "startup.c");
  write_firmware(directory, files);
  for (const auto& [path, text] : files)
    if (path == "model/" + options.name + ".c" || path == "startup.c" || path.ends_with(".S") ||
        (path.starts_with("model/mote/") && path.ends_with(".c")))
      objects_.push_back(compile(path));
  placement_.set("name", options.name);
}

FirmwareSize FirmwareBuild::link_firmware() {
  std::vector<std::string> objects = objects_;
  objects.push_back(compile("main.c"));
  link(objects, kFirmware);
  const auto sizes_now = [&] {
    return elf_sizes(read_file(directory_ + "/" + kFirmware), kFirmware);
  };
  ElfSizes sizes = sizes_now();
  if (place_externally(sizes)) {
    link(objects, kFirmware);
    sizes = sizes_now();
  }
  const auto check = [&](const std::string& memory, const Budget& budget) {
    check_budget(
        budget, fmt::format("the firmware takes {} bytes of {}", budget.needed_bytes, memory),
        device_.name, program_.name, "compress the model further, or take a larger device");
  };
  check("flash", {sizes.flash_bytes - sizes.external_flash_bytes, device_.flash_bytes});
  check("RAM without its stack", {sizes.ram_bytes - sizes.external_ram_bytes, device_.ram_bytes});
  check(device_.external_memory,
        {sizes.external_flash_bytes + sizes.external_ram_bytes, device_.external_bytes});
  FirmwareSize size;
  size.external_flash_bytes = sizes.external_flash_bytes;
  size.external_ram_bytes = sizes.external_ram_bytes;
  size.flash_bytes = sizes.flash_bytes;
  size.constant_bytes = constant_bytes(program_);
  size.code_bytes = size.flash_bytes - size.constant_bytes;
  size.arena_bytes = program_.plan.peak_bytes;
  size.static_bytes = sizes.ram_bytes - size.arena_bytes;
  return size;
}

bool FirmwareBuild::place_externally(const ElfSizes& sizes) {
  if (device_.external_memory.empty()) return false;
  const bool constants = Budget{sizes.flash_bytes, device_.flash_bytes}.lacking_bytes() > 0;
  const bool arena = Budget{sizes.ram_bytes, device_.ram_bytes}.lacking_bytes() > 0;
  placement_.set("external_constants", TemplateData(constants));
  placement_.set("external_arena", TemplateData(arena));
  placement_.set("external", TemplateData(constants || arena));
  return constants || arena;
}

void FirmwareBuild::link_harness() {
  std::vector<std::string> objects = objects_;
  objects.push_back(compile("main.c", {"-Dmain=mote_firmware_main"}, "_in_harness"));
  objects.push_back(compile("harness.c"));
  link(objects, kHarness);
}

std::string FirmwareBuild::compile(const std::string& source, const std::vector<std::string>& flags,
                                   const std::string& suffix) {
  const std::string object = source + suffix + ".o";  // as firmware.ld calls them
  std::vector<std::string> arguments = {
      device_.compiler,      "-std=c11",        "-ffreestanding", "-ffp-contract=off",
      "-ffunction-sections", "-fdata-sections", "-Wall",          "-Wa,-Imodel"};
  arguments.insert(arguments.end(), device_.compiler_flags.begin(), device_.compiler_flags.end());
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.insert(arguments.end(), {"-c", source, "-o", object});
  run(std::move(arguments));
  return object;
}

void FirmwareBuild::link(const std::vector<std::string>& objects, const std::string& elf) {
  std::vector<std::string> arguments = {device_.compiler};
  arguments.insert(arguments.end(), device_.compiler_flags.begin(), device_.compiler_flags.end());
  const auto symbol = [](const char* name, uint64_t value) {
    return fmt::format("-Wl,--defsym={}={:#x}", name, value);
  };
  write_file(directory_ + "/firmware.ld",
             fill_template(std::string(kFolder) + "firmware.ld.mustache", placement_));
  const uint64_t stack_top = device_.ram_origin + static_cast<uint64_t>(device_.ram_bytes);
  arguments.insert(
      arguments.end(),
      {"-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", "-Tfirmware.ld",
       symbol("flash_origin", device_.flash_origin), symbol("ram_origin", device_.ram_origin),
       symbol("external_origin", device_.external_origin), symbol("stack_top", stack_top)});
  arguments.insert(arguments.end(), objects.begin(), objects.end());
  arguments.insert(arguments.end(), {"-o", elf});
  run(std::move(arguments));
}

void FirmwareBuild::run(std::vector<std::string> arguments) {
  const ProcessResult result = run_process(arguments, {directory_});
  if (result.exit_code == 0) return;
  if (result.output.find("nano.specs") != result.output.npos)
    throw Error(ErrorKind::unsupported, fmt::format("{} has no C library", arguments[0]), {},
                "install the Debian package libnewlib-arm-none-eabi");
  throw Error(ErrorKind::invalid_input, fmt::format("{} failed: {}", arguments[0], result.output),
              device_.name, "check 'compiler' and 'compiler_flags' of the device");
}

}  // namespace mote::deploy
