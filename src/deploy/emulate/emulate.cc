// See emulate.h. The first sample runs under the instruction counter; the others are shared among
// emulators that run side by side.
#include "deploy/emulate/emulate.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <future>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "base/resources.h"
#include "deploy/emulate/build.h"
#include "deploy/emulate/counter.h"
#include "deploy/emulate/elf.h"
#include "ops/kernel.h"

namespace mote::deploy {
namespace {

using Sample = std::vector<Bytes>;

// The harness's exit code where the stack ran into the variables, as harness.c.mustache has it.
constexpr int kExitStack = 2;
// Less room than this between stack and variables, and a crash is the stack's, too.
constexpr int64_t kLittleStackBytes = 1024;
constexpr std::chrono::seconds kTimeToStart{60};
constexpr std::chrono::seconds kTimePerSample{1800};  // a network for large images takes minutes

struct HarnessRun {
  int64_t stack_bytes = 0;
  std::vector<Sample> outputs;
  std::string log;  // of the instruction counter
};

// Each run has a folder of its own in the build's. The emulator works there and is told nothing of
// how that is called: its options split at commas.
class Emulator {
 public:
  Emulator(const Program& program, const Device& device, std::string directory, int64_t stack_room)
      : program_(program),
        device_(device),
        directory_(std::move(directory)),
        stack_room_(stack_room) {}

  HarnessRun run(size_t number, std::span<const Sample> samples, const std::string& plugin) const {
    const std::string directory = fmt::format("{}/run{}", directory_, number);
    std::filesystem::create_directory(directory);
    Bytes input;
    for (const Sample& sample : samples)
      for (const Bytes& port : sample) input.insert(input.end(), port.begin(), port.end());
    if (program_.inputs.empty()) input.assign(samples.size(), 0);  // what it counts them by
    write_file(directory + "/samples.bin", input);
    HarnessRun run;
    run.log = launch(directory, samples.size(), plugin);
    parse(read_file(directory + "/results.bin"), samples.size(), run);
    return run;
  }

 private:
  std::string launch(const std::string& directory, size_t samples,
                     const std::string& plugin) const {
    std::vector<std::string> arguments = {device_.emulator, "-M", device_.emulator_machine};
    for (const char* device : {"-display", "-serial", "-monitor"})
      arguments.insert(arguments.end(), {device, "none"});
    arguments.insert(arguments.end(), {"-semihosting-config", "enable=on,target=native"});
    arguments.insert(arguments.end(), {"-kernel", fmt::format("../{}", kHarness)});
    if (!plugin.empty()) arguments.insert(arguments.end(), {"-plugin", plugin});
    const auto limit = kTimeToStart + kTimePerSample * static_cast<int64_t>(samples);
    const ProcessResult result = run_process(arguments, {directory, limit});
    if (result.exit_code == 0) return result.output;
    if (result.exit_code == kExitStack || stack_room_ < kLittleStackBytes)
      throw Error(ErrorKind::over_budget,
                  fmt::format("the activations leave {} bytes of {}'s RAM for the stack, too few",
                              stack_room_, device_.name),
                  program_.name, "compress the model further, or take a larger device");
    throw Error(ErrorKind::internal,
                result.timed_out ? fmt::format("no answer within {} s", limit.count())
                                 : fmt::format("the firmware crashed. {}", result.output),
                device_.name);
  }

  void parse(const Bytes& results, size_t samples, HarnessRun& run) const {
    size_t expected = sizeof(uint32_t), at = sizeof(uint32_t);
    for (const Port& port : program_.outputs)
      expected += samples * static_cast<size_t>(byte_size(port.type));
    if (results.size() != expected)
      throw Error(
          ErrorKind::internal,
          fmt::format("{} bytes of results where {} were expected", results.size(), expected),
          device_.name);
    uint32_t stack_bytes;
    std::memcpy(&stack_bytes, results.data(), sizeof stack_bytes);
    run.stack_bytes = stack_bytes;
    run.outputs.resize(samples);
    for (Sample& sample : run.outputs)
      for (const Port& port : program_.outputs) {
        const auto bytes = static_cast<size_t>(byte_size(port.type));
        sample.emplace_back(results.data() + at, results.data() + at + bytes);
        at += bytes;
      }
  }

  const Program& program_;
  const Device& device_;
  const std::string directory_;
  const int64_t stack_room_;
};

void check_samples(const Program& program, std::span<const Sample> samples) {
  if (samples.empty()) throw Error(ErrorKind::usage, "there are no samples to run");
  for (const Sample& sample : samples) {
    bool fits = sample.size() == program.inputs.size();
    for (size_t i = 0; fits && i < sample.size(); i++)
      fits = static_cast<int64_t>(sample[i].size()) == byte_size(program.inputs[i].type);
    if (!fits) throw Error(ErrorKind::usage, "a sample has not the inputs' sizes", program.name);
  }
}

// The counter, told where the program's steps begin and end.
std::string counter_for(const Program& program, const EmitOptions& options,
                        const std::string& directory) {
  write_file(directory + "/icnt.so", resource("tools/icnt.so"));
  const auto functions = elf_functions(read_file(directory + "/" + kHarness), kHarness);
  std::set<std::string> names;
  for (const Call& call : program.calls)
    names.emplace(find_kernel(call.kernel, call.variant).function);
  std::vector<ElfFunction> kernels;
  for (const std::string& name : names) kernels.push_back(functions.at(name));
  return counter_argument("../icnt.so", functions.at(options.name + "_invoke"), kernels);
}

// What runs behind the last kernel counts as its step's.
void count(const std::string& log, size_t steps, EmulationResult& result) {
  result.steps.resize(steps);
  const std::vector<InstructionMix> sections = counted_sections(log);
  if (sections.size() != steps + 1)
    throw Error(ErrorKind::internal,
                fmt::format("{} sections were counted for {} steps", sections.size(), steps));
  for (size_t i = 0; i < sections.size(); i++) {
    result.mix += sections[i];
    if (steps > 0) result.steps[std::min(i, steps - 1)] += sections[i];
  }
  result.instructions = result.mix.instructions();
}

}  // namespace

FirmwareSize measure(const Program& program, const Device& device, const EmitOptions& options) {
  const TemporaryDirectory directory;
  return FirmwareBuild(program, device, options, directory.path()).link_firmware();
}

EmulationResult emulate(const Program& program, const Device& device, const EmitOptions& options,
                        std::span<const Sample> samples) {
  if (device.emulator.empty())
    throw Error(ErrorKind::unsupported, "the device names no emulator", device.name);
  check_samples(program, samples);
  const TemporaryDirectory directory;
  FirmwareBuild build(program, device, options, directory.path());
  EmulationResult result;
  result.size = build.link_firmware();
  const int64_t static_ram = result.size.arena_bytes + result.size.static_bytes;
  build.link_harness();
  const std::string counter = counter_for(program, options, directory.path());
  const Emulator emulator(program, device, directory.path(),
                          device.ram_bytes - (static_ram - result.size.external_ram_bytes));

  std::vector<std::future<HarnessRun>> runs;
  const auto start = [&](std::span<const Sample> part, const std::string& with) {
    runs.push_back(std::async(std::launch::async, [&emulator, number = runs.size(), part, with] {
      return emulator.run(number, part, with);
    }));
  };
  start(samples.first(1), counter);
  const auto rest = samples.subspan(1);
  const size_t processors = std::max(1u, std::thread::hardware_concurrency());
  const size_t share = (rest.size() + processors - 1) / processors;
  for (size_t at = 0; at < rest.size(); at += share)
    start(rest.subspan(at, std::min(share, rest.size() - at)), "");
  for (size_t i = 0; i < runs.size(); i++) {
    HarnessRun run = runs[i].get();
    result.stack_bytes = std::max(result.stack_bytes, run.stack_bytes);
    if (i == 0) count(run.log, program.schedule.size(), result);
    std::move(run.outputs.begin(), run.outputs.end(), std::back_inserter(result.outputs));
  }
  result.ram_bytes = static_ram + result.stack_bytes;
  return result;
}

}  // namespace mote::deploy
