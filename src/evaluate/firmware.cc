#include "evaluate/firmware.h"
#include "base/zip.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/process.h"
#include "base/random.h"
#include "deploy/lower/budget.h"
#include "deploy/lower/lower.h"
#include "evaluate/samples.h"
#include "interpret/interpreter.h"
#include "ir/node.h"

namespace mote::evaluate {
namespace {

using Samples = std::vector<std::vector<Bytes>>;  // by sample, by port

// No device has more; a small file can claim it, and a self-test would allocate it here.
constexpr int64_t kLargestArenaBytes = int64_t{1} << 28;

Program reference_program(const Graph& graph) {
  deploy::LowerOptions options;
  options.variants = deploy::Variants::reference;
  return deploy::lower(graph, deploy::host_device(), options);
}

// Seeded bytes that every input type takes: any int8; small whole numbers as floats.
std::vector<Bytes> self_test_inputs(const Program& program) {
  Random random(1, "self-test");
  std::vector<Bytes> inputs;
  for (const Port& port : program.inputs) {
    Bytes bytes;
    if (port.type.dtype == DType::float32) {
      std::vector<float> reals(static_cast<size_t>(element_count(port.type.shape)));
      for (float& real : reals) real = static_cast<float>(random.below(256));
      bytes = to_bytes(std::span<const float>(reals));
    } else {
      bytes.resize(static_cast<size_t>(byte_size(port.type)));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
    }
    inputs.push_back(std::move(bytes));
  }
  return inputs;
}

Samples split_samples(const Bytes& all, int32_t count) {
  const size_t size = all.size() / static_cast<size_t>(count);
  Samples samples;
  for (size_t i = 0; i < static_cast<size_t>(count); i++) {
    const auto begin = all.begin() + static_cast<ptrdiff_t>(i * size);
    samples.push_back({Bytes(begin, begin + static_cast<ptrdiff_t>(size))});
  }
  return samples;
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

// Of a copy from port to port, which no node of the graph asked for, none has the instructions.
std::vector<deploy::InstructionMix> mix_by_node(const Graph& graph, const Program& program,
                                                const std::vector<deploy::InstructionMix>& steps) {
  const std::vector<int32_t> makers = producers(graph);
  std::vector<deploy::InstructionMix> layers(graph.nodes.size());
  for (size_t i = 0; i < steps.size(); i++) {
    const Call& call = program.calls.at(static_cast<size_t>(program.schedule[i].call));
    if (call.node_output < std::ssize(makers))
      layers[static_cast<size_t>(makers[static_cast<size_t>(call.node_output)])] += steps[i];
  }
  return layers;
}

deploy::Device stand_in_of(const deploy::Device& device) {
  deploy::Device other = deploy::load_device(device.stand_in);
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

FirmwareFigures figures_of(const FirmwareCheck& check, const Program& program,
                           const deploy::Device& device) {
  return {check.emulation.size, program.plan, check, version_of(device.compiler), {}, {}};
}

// What is known of firmware whose compiler may be missing.
FirmwareFigures linked(const Program& program, const deploy::Device& device,
                       const deploy::EmitOptions& options) {
  FirmwareFigures figures;
  figures.plan = program.plan;
  try {
    figures.size = deploy::measure(program, device, options);
    figures.compiler = version_of(device.compiler);
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
  FirmwareFigures figures = linked(program, roomy, options);
  const deploy::FirmwareSize& size = figures.size;
  const int64_t flash = std::max(size.flash_bytes, size.constant_bytes);  // where it is not linked
  figures.over_budget = {
      reason, Budget{flash, device.flash_bytes}.lacking_bytes(),
      Budget{size.arena_bytes + size.static_bytes, device.ram_bytes}.lacking_bytes()};
  return figures;
}

// check_firmware of the graph's program for the device.
FirmwareCheck check_program(const Graph& graph, const Program& deployed,
                            const deploy::Device& device, const deploy::EmitOptions& options,
                            const Array& images, int32_t samples) {
  deploy::check_budgets(deployed);
  FirmwareCheck check;
  check.samples = std::min(samples, images.shape.empty() ? 0 : images.shape[0]);
  if (check.samples < 1) throw Error(ErrorKind::usage, "no samples to run", graph.name);
  const Samples inputs = split_samples(encode(graph, images, 0, check.samples), check.samples);
  const bool elsewhere = !device.stand_in.empty();
  const deploy::Device runner = elsewhere ? stand_in_of(device) : device;
  check.ran_on = elsewhere ? device.stand_in : device.name;
  check.emulation =
      deploy::emulate(elsewhere ? deploy::lower(graph, runner) : deployed, runner, options, inputs);
  check.emulator = version_of(runner.emulator);
  if (elsewhere) {
    check.emulation.size = deploy::measure(deployed, device, options);
    check_ram(check.emulation, device, graph);
  }
  check.layers = mix_by_node(graph, deployed, check.emulation.steps);
  check.modelled = deploy::model_cycles(check.emulation.mix, device);

  const Program program = reference_program(graph);
  for (size_t i = 0; i < inputs.size() && check.first_difference.empty(); i++)
    check.first_difference =
        difference(program, i, interpret::run(program, inputs[i]), check.emulation.outputs.at(i));
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
  deploy::SelfTest test{self_test_inputs(program), 0};
  Bytes outputs;
  for (const Bytes& output : interpret::run(program, test.inputs))
    outputs.insert(outputs.end(), output.begin(), output.end());
  test.output_crc = crc32_of(outputs);
  options.self_test = std::move(test);
  return options;
}

FirmwareCheck check_firmware(const Graph& graph, const deploy::Device& device,
                             const deploy::EmitOptions& options, const Array& images,
                             int32_t samples) {
  return check_program(graph, deploy::lower(graph, device), device, options, images, samples);
}

FirmwareFigures firmware_figures(const Graph& graph, const deploy::Device& device,
                                 const deploy::EmitOptions& options, const Array& images,
                                 int32_t samples) {
  const Program program = deploy::lower(graph, device);
  try {
    if (!device.emulator.empty() || !device.stand_in.empty())
      return figures_of(check_program(graph, program, device, options, images, samples), program,
                        device);
    deploy::check_budgets(program);
    return linked(program, device, options);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::over_budget) throw;
    return too_large(program, device, options, error.what());
  }
}

FirmwareFigures deploy_firmware(const Graph& graph, const deploy::Device& device,
                                const deploy::EmitOptions& options, const std::string& directory,
                                const std::optional<FirmwareSamples>& samples) {
  const Program program = deploy::lower(graph, device);
  deploy::check_budgets(program);
  const FirmwareFigures figures =
      samples ? figures_of(
                    check_program(graph, program, device, options, samples->images, samples->count),
                    program, device)
              : linked(program, device, options);
  deploy::write_firmware(directory, deploy::emit(program, options));
  return figures;
}

}  // namespace mote::evaluate
