#include "evaluate/firmware.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/process.h"
#include "base/random.h"
#include "base/zip.h"
#include "deploy/lower/budget.h"
#include "deploy/lower/lower.h"
#include "evaluate/classes.h"
#include "evaluate/samples.h"
#include "interpret/interpreter.h"
#include "ir/node.h"

namespace mote::evaluate {
namespace {

// No device has more; a small file can claim it, and a self-test would allocate it here.
constexpr int64_t kLargestArenaBytes = int64_t{1} << 28;

Program reference_program(const Graph& graph) {
  deploy::LowerOptions options;
  options.variants = deploy::Variants::reference;
  return deploy::lower(graph, deploy::host_device(), options);
}

// Seeded bytes that every input type takes: any int8; small whole numbers as floats.
Bytes seeded(const TensorType& type, Random& random) {
  if (type.dtype == DType::float32) {
    std::vector<float> reals(static_cast<size_t>(element_count(type.shape)));
    for (float& real : reals) real = static_cast<float>(random.below(256));
    return to_bytes(std::span<const float>(reals));
  }
  Bytes bytes(static_cast<size_t>(byte_size(type)));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
  return bytes;
}

std::string difference(const Program& program, size_t sample, const std::vector<Bytes>& here,
                       const std::vector<Bytes>& device) {
  for (size_t port = 0; port < here.size(); port++) {
    const auto [mine, theirs] = std::ranges::mismatch(here[port], device.at(port));
    if (mine == here[port].end() && theirs == device[port].end()) continue;
    const auto byte = mine - here[port].begin();
    if (mine == here[port].end() || theirs == device[port].end())
      return fmt::format("sample {}, output '{}': {} bytes on the device, {} here", sample,
                         program.outputs[port].name, device[port].size(), here[port].size());
    return fmt::format("sample {}, output '{}', byte {}: {} on the device, {} here", sample,
                       program.outputs[port].name, byte, *theirs, *mine);
  }
  return {};
}

// What each call of a program has, added up by node of the graph. Of a copy from port to port,
// which no node asked for, none has it.
template <class T, class CallOf>
std::vector<T> by_node(const Graph& graph, const std::vector<T>& parts, const CallOf& call_of) {
  const std::vector<int32_t> makers = producers(graph);
  std::vector<T> nodes(graph.nodes.size());
  for (size_t i = 0; i < parts.size(); i++) {
    const ValueId made = call_of(i).node_output;
    if (made < std::ssize(makers))
      nodes[static_cast<size_t>(makers[static_cast<size_t>(made)])] += parts[i];
  }
  return nodes;
}

std::vector<deploy::InstructionMix> mix_by_node(const Graph& graph, const Program& program,
                                                const std::vector<deploy::InstructionMix>& steps) {
  return by_node(graph, steps, [&](size_t i) -> const Call& {
    return program.calls.at(static_cast<size_t>(program.schedule[i].call));
  });
}

FirmwareFigures with_constants(FirmwareFigures figures, const Graph& graph,
                               const Program& program) {
  const std::vector<deploy::ConstantBytes> calls = deploy::constants_by_call(program);
  for (const deploy::ConstantBytes& call : calls) figures.constants += call;
  figures.layer_constants =
      by_node(graph, calls, [&](size_t i) -> const Call& { return program.calls[i]; });
  return figures;
}

deploy::Device stand_in_of(const deploy::Device& device) {
  deploy::Device other = deploy::load_device(device.stand_in);
  other.prefer = device.prefer;
  if (other.core != device.core || other.isa != device.isa || other.compiler != device.compiler ||
      other.compiler_flags != device.compiler_flags)
    throw Error(ErrorKind::invalid_input,
                fmt::format("its stand-in {} has another core or compiler", other.name),
                device.name, "core, isa, compiler and compiler_flags must be the same");
  return other;
}

// The stand-in may have more RAM.
void check_ram(const deploy::EmulationResult& emulation, const deploy::Device& device,
               const Graph& graph) {
  deploy::check_budget(
      {emulation.ram_bytes, device.ram_bytes},
      fmt::format("the firmware takes {} bytes of RAM with its stack", emulation.ram_bytes),
      device.name, graph.name, "compress the model further, or take a larger device");
}

// What exceeds flash and RAM of the device, where its external memory holds that.
std::optional<OverBudget> held_externally(const deploy::FirmwareSize& size,
                                          const deploy::Device& device) {
  if (size.external_flash_bytes + size.external_ram_bytes == 0) return {};
  OverBudget over;
  over.held_by = device.external_memory;
  std::vector<std::string> reasons;
  const auto add = [&](const char* memory, const Budget& budget, int64_t& over_bytes) {
    over_bytes = budget.lacking_bytes();
    if (over_bytes > 0)
      reasons.push_back(fmt::format("{} bytes of {} where {} has {}", budget.needed_bytes, memory,
                                    device.name, budget.available_bytes));
  };
  add("flash", {size.flash_bytes, device.flash_bytes}, over.flash_over_bytes);
  add("RAM", {size.arena_bytes + size.static_bytes, device.ram_bytes}, over.ram_over_bytes);
  over.reason = fmt::format("the firmware takes {}; its {} holds what is too much",
                            fmt::join(reasons, " and "), device.external_memory);
  return over;
}

FirmwareFigures figures_of(const FirmwareCheck& check, const Program& program,
                           const deploy::Device& device) {
  FirmwareFigures figures;
  figures.size = check.emulation.size;
  figures.plan = program.plan;
  figures.weights = deploy::weights_of(program);
  figures.check = check;
  figures.compiler = version_of(device.compiler);
  figures.over_budget = held_externally(figures.size, device);
  return figures;
}

// What is known of firmware whose compiler may be missing.
FirmwareFigures linked(const Program& program, const deploy::Device& device,
                       const deploy::EmitOptions& options) {
  FirmwareFigures figures;
  figures.plan = program.plan;
  figures.weights = deploy::weights_of(program);
  try {
    figures.size = deploy::measure(program, device, options);
    figures.compiler = version_of(device.compiler);
    figures.over_budget = held_externally(figures.size, device);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::unsupported) throw;
    figures.size.constant_bytes = constant_bytes(program);
    figures.size.arena_bytes = program.plan.peak_bytes;
    figures.not_linked = error.what();
  }
  return figures;
}

// What the firmware would take on a device with room for everything.
FirmwareFigures too_large(const Program& program, const deploy::Device& device,
                          const deploy::EmitOptions& options, const std::string& reason) {
  deploy::Device roomy = device;
  roomy.flash_bytes = roomy.ram_bytes = 0;
  roomy.external_memory.clear();
  FirmwareFigures figures = linked(program, roomy, options);
  const deploy::FirmwareSize& size = figures.size;
  const int64_t flash = std::max(size.flash_bytes, size.constant_bytes);  // where it is not linked
  figures.over_budget = {
      reason,
      {},
      Budget{flash, device.flash_bytes}.lacking_bytes(),
      Budget{size.arena_bytes + size.static_bytes, device.ram_bytes}.lacking_bytes()};
  return figures;
}

// check_firmware of the graph's program for the device.
FirmwareCheck check_program(const Graph& graph, const Program& deployed,
                            const deploy::Device& device, const deploy::EmitOptions& options,
                            const std::vector<Inputs>& samples) {
  deploy::check_budgets(deployed, device);
  FirmwareCheck check;
  check.samples = static_cast<int32_t>(samples.size());
  const bool elsewhere = !device.stand_in.empty();
  const deploy::Device runner = elsewhere ? stand_in_of(device) : device;
  check.ran_on = elsewhere ? device.stand_in : device.name;
  check.emulation = deploy::emulate(elsewhere ? deploy::lower(graph, runner) : deployed, runner,
                                    options, samples);
  check.emulator = version_of(runner.emulator);
  if (elsewhere) {
    check.emulation.size = deploy::measure(deployed, device, options);
    check_ram(check.emulation, device, graph);
  }
  check.layers = mix_by_node(graph, deployed, check.emulation.steps);
  check.modelled = deploy::model_cycles(check.emulation.mix, device);

  const Program program = reference_program(graph);
  for (size_t i = 0; i < samples.size() && check.first_difference.empty(); i++)
    check.first_difference =
        difference(program, i, interpret::run(program, samples[i]), check.emulation.outputs.at(i));
  check.outputs_equal = check.first_difference.empty();
  return check;
}

}  // namespace

deploy::EmitOptions firmware_options(const Graph& graph, const std::string& name) {
  const Program program = reference_program(graph);
  deploy::check_budget({program.plan.peak_bytes, kLargestArenaBytes},
                       fmt::format("the activations need {} bytes", program.plan.peak_bytes),
                       "any device", graph.name, "shrink the model's tensors");
  deploy::EmitOptions options;
  options.name = deploy::firmware_name(name);
  options.preprocessing = graph.preprocessing;
  options.labels = graph.labels;
  options.decision_threshold = decision_threshold(graph);
  deploy::SelfTest test{self_test_inputs(graph, 1).front(), 0};
  Bytes outputs;
  for (const Bytes& output : interpret::run(program, test.inputs))
    outputs.insert(outputs.end(), output.begin(), output.end());
  test.output_crc = crc32_of(outputs);
  options.self_test = std::move(test);
  return options;
}

std::vector<Inputs> sample_inputs(const Graph& graph, const datasets::Split& data, int32_t count) {
  count = std::min(count, data.count());
  if (count < 1) throw Error(ErrorKind::usage, "no samples to run", graph.name);
  std::vector<Inputs> samples(static_cast<size_t>(count));
  for (const Bytes& all : encode(graph, data, 0, count)) {
    const auto size = static_cast<ptrdiff_t>(all.size() / samples.size());
    auto at = all.begin();
    for (Inputs& inputs : samples) {
      inputs.emplace_back(at, at + size);
      at += size;
    }
  }
  return samples;
}

std::vector<Inputs> self_test_inputs(const Graph& graph, int32_t count) {
  if (count < 1) throw Error(ErrorKind::usage, "no samples to run", graph.name);
  Random random(1, "self-test");
  std::vector<Inputs> samples(static_cast<size_t>(count));
  for (Inputs& inputs : samples)
    for (ValueId id : graph.inputs) inputs.push_back(seeded(graph.value(id).type, random));
  return samples;
}

FirmwareCheck check_firmware(const Graph& graph, const deploy::Device& device,
                             const deploy::EmitOptions& options,
                             const std::vector<Inputs>& samples) {
  return check_program(graph, deploy::lower(graph, device), device, options, samples);
}

FirmwareCheck check_firmware(const Graph& graph, const deploy::Device& device,
                             const deploy::EmitOptions& options, const datasets::Split& data,
                             int32_t samples) {
  return check_firmware(graph, device, options, sample_inputs(graph, data, samples));
}

FirmwareFigures firmware_figures(const Graph& graph, const deploy::Device& device,
                                 const deploy::EmitOptions& options, const datasets::Split& data,
                                 int32_t samples) {
  const Program program = deploy::lower(graph, device);
  FirmwareFigures figures;
  try {
    if (!device.emulator.empty() || !device.stand_in.empty()) {
      figures = figures_of(
          check_program(graph, program, device, options, sample_inputs(graph, data, samples)),
          program, device);
    } else {
      deploy::check_budgets(program, device);
      figures = linked(program, device, options);
    }
  } catch (const Error& error) {
    if (error.kind != ErrorKind::over_budget) throw;
    figures = too_large(program, device, options, error.what());
  }
  return with_constants(std::move(figures), graph, program);
}

FirmwareFigures deploy_firmware(const Graph& graph, const deploy::Device& device,
                                const deploy::EmitOptions& options, const std::string& directory,
                                const std::vector<Inputs>& samples) {
  const Program program = deploy::lower(graph, device);
  deploy::check_budgets(program, device);
  FirmwareFigures figures =
      samples.empty()
          ? linked(program, device, options)
          : figures_of(check_program(graph, program, device, options, samples), program, device);
  deploy::write_firmware(directory, deploy::emit(program, options));
  return with_constants(std::move(figures), graph, program);
}

}  // namespace mote::evaluate
