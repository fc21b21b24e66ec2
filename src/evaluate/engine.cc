#include "evaluate/engine.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "autograd/network.h"
#include "base/error.h"
#include "deploy/emulate/emulate.h"
#include "deploy/lower/budget.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"

namespace mote::evaluate {
namespace {

constexpr std::string_view kEmulator = "emulator:";

size_t sample_bytes(const Port& port) {
  return static_cast<size_t>(byte_size(port.type));
}

// The host's kernels, one interpreter per thread, samples handed out one by one.
class HostEngine : public Engine {
 public:
  HostEngine(Program program, const EngineOptions& options) : program_(std::move(program)) {
    const auto cores = static_cast<int32_t>(std::thread::hardware_concurrency());
    const int32_t threads = options.threads > 0 ? options.threads : std::max(cores, 1);
    for (int32_t i = 0; i < threads; i++) interpreters_.emplace_back(program_);
  }

  std::vector<Bytes> run(const std::vector<Bytes>& inputs, int32_t count) override {
    check(inputs, count);
    std::vector<Bytes> outputs;
    for (const Port& port : program_.outputs)
      outputs.emplace_back(sample_bytes(port) * static_cast<size_t>(count));
    std::atomic<int32_t> next = 0;
    std::exception_ptr failure;
    std::mutex failure_mutex;
    const auto work = [&](interpret::Interpreter& interpreter) {
      try {
        for (int32_t i = next++; i < count; i = next++)
          run_one(interpreter, inputs, outputs, static_cast<size_t>(i));
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        failure = std::current_exception();
      }
    };
    std::vector<std::jthread> threads;
    const size_t busy = std::min(interpreters_.size(), static_cast<size_t>(count));
    for (size_t t = 1; t < busy; t++) threads.emplace_back(work, std::ref(interpreters_[t]));
    work(interpreters_[0]);
    threads.clear();  // joins
    if (failure) std::rethrow_exception(failure);
    return outputs;
  }

 private:
  void check(const std::vector<Bytes>& inputs, int32_t count) const {
    for (size_t i = 0; i < program_.inputs.size(); i++) {
      const size_t expected = sample_bytes(program_.inputs[i]) * static_cast<size_t>(count);
      if (i < inputs.size() && inputs[i].size() == expected) continue;
      throw Error(
          ErrorKind::usage,
          fmt::format("{} bytes for {} samples of {}", i < inputs.size() ? inputs[i].size() : 0,
                      count, to_string(program_.inputs[i].type)),
          fmt::format("input '{}'", program_.inputs[i].name));
    }
  }

  void run_one(interpret::Interpreter& interpreter, const std::vector<Bytes>& inputs,
               std::vector<Bytes>& outputs, size_t sample) const {
    std::vector<std::span<const uint8_t>> in;
    std::vector<std::span<uint8_t>> out;
    for (size_t i = 0; i < program_.inputs.size(); i++) {
      const size_t size = sample_bytes(program_.inputs[i]);
      in.push_back(std::span(inputs[i]).subspan(sample * size, size));
    }
    for (size_t i = 0; i < outputs.size(); i++) {
      const size_t size = sample_bytes(program_.outputs[i]);
      out.push_back(std::span(outputs[i]).subspan(sample * size, size));
    }
    interpreter.run(in, out);
  }

  Program program_;
  std::vector<interpret::Interpreter> interpreters_;
};

// The firmware in QEMU.
class EmulatorEngine : public Engine {
 public:
  EmulatorEngine(const Graph& graph, const std::string& device)
      : device_(deploy::load_device(device)), program_(deploy::lower(graph, device_)) {
    deploy::check_budgets(program_, device_);
  }

  std::vector<Bytes> run(const std::vector<Bytes>& inputs, int32_t count) override {
    std::vector<std::vector<Bytes>> samples(static_cast<size_t>(count));
    for (size_t i = 0; i < program_.inputs.size(); i++) {
      const size_t size = sample_bytes(program_.inputs[i]);
      for (size_t s = 0; s < samples.size(); s++) {
        const auto bytes = std::span(inputs.at(i)).subspan(s * size, size);
        samples[s].emplace_back(bytes.begin(), bytes.end());
      }
    }
    const deploy::EmulationResult result = deploy::emulate(program_, device_, {}, samples);
    std::vector<Bytes> outputs(program_.outputs.size());
    for (const std::vector<Bytes>& sample : result.outputs)
      for (size_t i = 0; i < outputs.size(); i++)
        outputs[i].insert(outputs[i].end(), sample.at(i).begin(), sample.at(i).end());
    return outputs;
  }

 private:
  deploy::Device device_;
  Program program_;
};

bool runs_in_float(const Graph& graph) {
  const bool floats = std::ranges::all_of(
      graph.values, [](const Value& value) { return widened_type(value).dtype == DType::float32; });
  return floats && graph.inputs.size() == 1 && graph.outputs.size() == 1;
}

// libtorch, in batches.
class FloatEngine : public Engine {
 public:
  explicit FloatEngine(const Graph& graph) : network_(graph) {
    for (ValueId id : graph.inputs)
      input_elements_.push_back(element_count(graph.value(id).type.shape));
    if (!runs_in_float(graph))
      throw Error(ErrorKind::unsupported,
                  "the engine `float` runs float models with one input and one output", graph.name,
                  "use --engine reference");
  }

  std::vector<Bytes> run(const std::vector<Bytes>& inputs, int32_t count) override {
    constexpr int32_t kBatch = 256;
    const auto elements = static_cast<size_t>(input_elements_.at(0));
    const std::span<const float> all(reinterpret_cast<const float*>(inputs.at(0).data()),
                                     inputs.at(0).size() / sizeof(float));
    Bytes results;
    std::vector<float> outputs;
    for (int32_t begin = 0; begin < count; begin += kBatch) {
      const int32_t size = std::min(kBatch, count - begin);
      network_.run(
          all.subspan(static_cast<size_t>(begin) * elements, static_cast<size_t>(size) * elements),
          size, outputs);
      const Bytes bytes = to_bytes(std::span<const float>(outputs));
      results.insert(results.end(), bytes.begin(), bytes.end());
    }
    return {results};
  }

 private:
  autograd::Network network_;
  std::vector<int64_t> input_elements_;
};

bool runs_on_host(const std::string& engine) {
  return engine == "reference" || engine == "native";
}

}  // namespace

Program host_program(const std::string& engine, const Graph& graph, mote_rounding rounding) {
  if (!runs_on_host(engine))
    throw Error(ErrorKind::usage, fmt::format("the engine '{}' is not prepared", engine), {},
                "engines that are: reference, native");
  const auto variants =
      engine == "reference" ? deploy::Variants::reference : deploy::Variants::best;
  return deploy::lower(graph, deploy::host_device(), {variants, rounding});
}

std::unique_ptr<Engine> make_engine(const std::string& name, const Graph& graph,
                                    const EngineOptions& options) {
  if (options.rounding != MOTE_ROUNDING_DOUBLE && name != "reference")
    throw Error(ErrorKind::usage, "single rounding is for the engine `reference` alone");
  if (name == "float") return std::make_unique<FloatEngine>(graph);
  if (runs_on_host(name))
    return std::make_unique<HostEngine>(host_program(name, graph, options.rounding), options);
  if (name.starts_with(kEmulator))
    return std::make_unique<EmulatorEngine>(graph, name.substr(kEmulator.size()));
  throw Error(ErrorKind::usage, fmt::format("no engine '{}'", name), {},
              "engines: float, reference, native, emulator:DEVICE");
}

}  // namespace mote::evaluate
