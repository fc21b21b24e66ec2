// Runs a Graph in float with libtorch, forwards and with gradients, through the operators' twins
// (ops/torch_twin.h); values that carry a quantization are fake-quantized (fake_quantization.h).
// libtorch stays behind this header. Tested by network_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace mote::autograd {

// What training changes of a value of the graph, and where it lies in Parameters::values: a
// constant's numbers, or the scales of a fake-quantized value's quantization.
struct Slot {
  ValueId value;
  size_t offset;
  size_t count;
  bool decays;  // weights do; biases, and the scales and offsets of a batch norm, do not
  std::shared_ptr<const Bytes> mask = nullptr;  // the value's: what stays zero
  bool scales = false;                          // of its quantization; they are positive
};

// All numbers of a graph that training changes, in one piece, so that an optimizer is one loop:
// first those with a gradient, constants before scales, then the moving statistics of batch norms.
struct Parameters {
  std::vector<Slot> slots;
  std::vector<float> values;
  size_t trainable = 0;  // values[0, trainable) have a gradient
};

Parameters parameters_of(const Graph& graph);
// Writes `values`, laid out as `parameters` has it, into the graph's constants and quantizations.
void store(const Parameters& parameters, std::span<const float> values, Graph& graph);

// What a batch is to be answered with: classes, a teacher's logits, or both.
struct Labelled {
  std::span<const float> inputs;        // [count, ...] as the graph's input, after preprocessing
  std::span<const int32_t> labels;      // count classes; not read where distillation is 1
  std::span<const float> teacher = {};  // [count, classes]; read where there is distillation
};

struct LossOptions {
  float label_smoothing = 0.0f;
  float divisor = 1.0f;  // of the summed loss: the whole batch's count, where this is a part of it
  bool bf16 = false;     // convolutions and dense layers compute in bfloat16
  // The share of the loss that is temperature^2 times the Kullback-Leibler divergence of the
  // softmax at that temperature from the teacher's (Hinton et al. 1503.02531); the rest is the
  // labels'.
  float distillation = 0.0f;
  float temperature = 1.0f;
};

// One runner. It computes with one thread, its caller's; several may work at the same time. The
// graph has one input, batch first, and float32 throughout; Error{unsupported} otherwise.
class Network {
 public:
  explicit Network(const Graph& graph);
  // Reads what training changes from memory of the caller's, laid out as parameters_of(graph) has
  // it, instead of from the graph. Networks that work at the same time may share `trainable`, but
  // not `statistics`, which `gradient` writes.
  Network(const Graph& graph, std::span<float> trainable, std::span<float> statistics);
  ~Network();
  Network(Network&&) noexcept;

  // Output 0 for `count` inputs, batch norms by their moving statistics. Of graphs that carry
  // quantizations the numbers are those that integers stand for, up to the rounding of sums.
  void run(std::span<const float> inputs, int32_t count, std::vector<float>& outputs);

  // The logits for `count` inputs, [count, classes]: what enters a final Softmax, times its beta,
  // else output 0. A single one is that of class 1 against 0, which is then class 0's.
  void run_logits(std::span<const float> inputs, int32_t count, std::vector<float>& logits);

  // Shows what the graph computes for `count` inputs: each of the values, as `run` has it,
  // [count, ...] row-major.
  void observe(std::span<const float> inputs, int32_t count, const std::set<ValueId>& values,
               const std::function<void(ValueId, std::span<const float>)>& show);

  // The loss of the logits, by default their cross entropy, with batch norms by the batch's
  // statistics, which update the moving ones. `gradient` (Parameters::trainable numbers) is
  // overwritten. Gives the summed loss over `divisor`.
  double gradient(const Labelled& batch, const LossOptions& options, std::span<float> gradient);

  // Lets the batch's statistics update the moving ones of batch norms, and nothing else.
  void update_statistics(std::span<const float> inputs, int32_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether this processor multiplies bfloat16 matrices faster than float32 ones, by instructions
// that ONEDNN_MAX_CPU_ISA leaves to oneDNN.
bool gains_from_bf16();
// Whether libtorch computes with bfloat16 at all: false only where ONEDNN_MAX_CPU_ISA keeps oneDNN
// from the processor's AVX-512; `gradient` then throws Error{unsupported}.
bool computes_bf16();

}  // namespace mote::autograd
