#include "compress/quantize/post_training.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.h"
#include "compress/moments.h"
#include "compress/node_runner.h"
#include "compress/patches.h"
#include "compress/quantize/layer_bits.h"
#include "compress/quantize/rounding.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/rewriter.h"
#include "passes/weighted_layer.h"
#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

using Eigen::MatrixXd;

constexpr size_t kOfInput = 0, kOfWeights = 1;
constexpr int32_t kSamplesAtOnce = 32;  // samples whose patches are there at once
constexpr int64_t kPatchesOfASample = 64;
constexpr double kHessianRidge = 0.01;  // of the mean diagonal

// To the steps that integers have.
void fake_quantize(std::span<float> numbers, const Quantization& q, DType dtype) {
  const Range range = integer_range(dtype);
  for (float& number : numbers)
    number = mote_dequantize_f32(
        mote_quantize_f32(number, q.scale[0], q.zero_point[0], range.min, range.max), q.scale[0],
        q.zero_point[0]);
}

// The mean of each channel, the last dimension.
std::vector<double> channel_means(std::span<const float> numbers, size_t channels) {
  std::vector<double> sums(channels, 0.0);
  for (size_t i = 0; i < numbers.size(); i++) sums[i % channels] += static_cast<double>(numbers[i]);
  for (double& sum : sums)
    sum *= static_cast<double>(channels) / static_cast<double>(numbers.size());
  return sums;
}

void limit(std::span<float> numbers, RealRange range) {
  for (float& number : numbers) number = std::min(std::max(number, range.min), range.max);
}

// The activation that a layer has, which becomes none.
Activation take_activation(Node& node) {
  const auto activation_of = op_def(node.op).activation;
  if (activation_of == nullptr) return Activation::none;
  return std::exchange(*activation_of(node.op), Activation::none);
}

void set_numbers(Value& value, std::span<const float> numbers) {
  value.data = std::make_shared<const Bytes>(to_bytes(numbers));
}

// The weights of a group, [outputs, columns].
MatrixXd weights_of(const PatchGroup& group, std::span<const float> numbers) {
  MatrixXd weights(std::ssize(group.weights), std::ssize(group.columns));
  for (int64_t o = 0; o < weights.rows(); o++)
    for (int64_t k = 0; k < weights.cols(); k++)
      weights(o, k) = static_cast<double>(
          numbers[group.weights[static_cast<size_t>(o)][static_cast<size_t>(k)]]);
  return weights;
}

// What rounds a group: of the weights that give the float network's sums for what enters now.
RoundingProblem problem_of(const PatchGroup& group, const Value& weights,
                           const std::vector<size_t>& channels, const Moments& moments) {
  const Quantization& q = weights.type.quantization.value();
  RoundingProblem problem;
  problem.hessian = with_ridge(moments.covariance(), kHessianRidge);
  problem.reach = weight_range(q.bits).max;
  problem.weights =
      fitted_weights(moments, weights_of(group, data_as<float>(weights)), kHessianRidge);
  for (const std::vector<size_t>& indices : group.weights) {
    problem.scale.push_back(static_cast<double>(q.scale[channels[indices[0]]]));
    if (weights.mask)
      for (const size_t index : indices) problem.masks.push_back((*weights.mask)[index]);
  }
  return problem;
}

// A network that is quantized so far, of which several choices of bits agree.
struct State {
  Graph graph;
  Activations fitted;
  std::vector<size_t> choices;
};

class Fitter {
 public:
  // `choices`: of bits, by node. `trials`, of one choice: by node the bits that the layer is fitted
  // with as well, behind what the choice makes of those before.
  Fitter(const Graph& graph, const QuantizeOptions& options, const CalibrationSamples& samples,
         std::span<const LayerBits> choices, std::span<const std::vector<int32_t>> trials)
      : original_(graph),
        options_(options),
        info_(info_of(options.scheme)),
        choices_(choices),
        trials_(trials),
        readers_(consumers(graph)),
        count_(samples.count) {
    State& state = states_.emplace_back(State{graph, {}, std::vector<size_t>(choices.size())});
    std::iota(state.choices.begin(), state.choices.end(), 0);
    for (size_t i = 0; i < graph.inputs.size(); i++) {
      const Bytes& bytes = samples.inputs[i];
      const auto* numbers = reinterpret_cast<const float*>(bytes.data());
      exact_[graph.inputs[i]].assign(numbers, numbers + bytes.size() / sizeof(float));
      state.fitted[graph.inputs[i]] = exact_[graph.inputs[i]];
      pass_steps(graph.inputs[i]);
    }
  }

  // By choice.
  std::vector<Graph> run() {
    std::vector<size_t> left(original_.values.size(), 0);  // nodes that have yet to read it
    for (size_t id = 0; id < left.size(); id++) left[id] = readers_[id].size();
    for (size_t i = 0; i < original_.nodes.size(); i++) {
      if (choices_[0][i] > 0) {
        fit(i);
      } else {
        run_node(original_, original_.nodes[i], count_, exact_);
        for (State& state : states_)
          run_node(state.graph, state.graph.nodes[i], count_, state.fitted);
      }
      for (const ValueId id : original_.nodes[i].outputs) pass_steps(id);
      for (const ValueId id : original_.nodes[i].inputs)
        if (id != kNoValue && --left[static_cast<size_t>(id)] == 0) forget(id);
    }
    std::vector<Graph> graphs(choices_.size());
    for (const State& state : states_)
      for (const size_t choice : state.choices) graphs[choice] = state.graph;
    return graphs;
  }

  std::vector<LayerFit> take_fits() { return std::move(fits_); }

 private:
  void pass_steps(ValueId id) {
    for (State& state : states_) {
      const TensorType& type = state.graph.value(id).type;
      if (info_.integer_activations() && type.quantization)
        fake_quantize(state.fitted.at(id), *type.quantization, info_.activations);
    }
  }

  void forget(ValueId id) {
    exact_.erase(id);
    for (State& state : states_) state.fitted.erase(id);
  }

  // What both networks sum up, and the weights and biases of every choice. What enters a layer says
  // the same of all bits that it may get.
  void fit(size_t index) {
    Node sums = original_.nodes[index];
    const RealRange range = range_of(take_activation(sums));
    run_node(original_, sums, count_, exact_);
    std::vector<State> forks;
    for (State& state : states_) {
      const std::vector<Moments> moments = moments_of(index, state.fitted);
      if (&state == &states_.front() && !trials_.empty()) try_bits(state, index, moments);
      std::map<int32_t, std::vector<size_t>> by_bits;
      for (const size_t choice : state.choices) by_bits[choices_[choice][index]].push_back(choice);
      for (auto& [bits, choices] : by_bits) {
        const bool last = bits == by_bits.rbegin()->first;
        State& fork = forks.emplace_back(last ? std::move(state) : state);
        fork.choices = std::move(choices);
        fit_layer(fork, index, bits, moments);
        limit(fork.fitted.at(sums.outputs[0]), range);
      }
    }
    states_ = std::move(forks);
    limit(exact_.at(sums.outputs[0]), range);
  }

  void try_bits(const State& state, size_t index, const std::vector<Moments>& moments) {
    for (const int32_t bits : trials_[index]) {
      State trial{state.graph, {}, {}};
      for (const ValueId id : original_.nodes[index].inputs)
        if (state.fitted.contains(id)) trial.fitted[id] = state.fitted.at(id);
      fit_layer(trial, index, bits, moments);
      const Node& node = trial.graph.nodes[index];
      LayerFit fit{index, bits, trial.graph.value(node.inputs[kOfWeights]), {}};
      if (options_.bias_correction) fit.bias = passes::bias_of(trial.graph, node);
      fits_.push_back(std::move(fit));
    }
  }

  // Weights, then the sums, then the bias.
  void fit_layer(State& state, size_t index, int32_t bits,
                 const std::vector<Moments>& moments) const {
    passes::Rewriter rewriter(state.graph);
    fit_weights(state, rewriter, index, bits, moments);
    Node sums = state.graph.nodes[index];
    take_activation(sums);
    run_node(state.graph, sums, count_, state.fitted);
    if (options_.bias_correction)
      correct_bias(rewriter, index, exact_.at(sums.outputs[0]), state.fitted.at(sums.outputs[0]));
    rewriter.finish();
  }

  // Weights that are annotated keep their scales.
  void fit_weights(State& state, passes::Rewriter& rewriter, size_t index, int32_t bits,
                   const std::vector<Moments>& moments) const {
    const Graph& graph = state.graph;
    const Node& node = graph.nodes[index];
    // Where other nodes read them too, these are of its own from here on.
    passes::set_weights(rewriter, static_cast<int32_t>(index), passes::weights_of(graph, node));
    Value& weights = state.graph.value(node.inputs[kOfWeights]);
    const int32_t axis = options_.scale_axis(
        op_def(node.op).quantization(node.op, options_.scheme).inputs[kOfWeights].axis);
    if (!weights.type.quantization)
      weights.type.quantization = weight_quantization(weights, axis, bits, options_.scales);
    if (moments.empty()) return round_to_nearest(weights);
    round_for_inputs(patch_groups(graph, node), moments, weights);
  }

  static void round_to_nearest(Value& weights) {
    const Quantization& q = weights.type.quantization.value();
    const Range range = weight_range(q.bits);
    std::vector<float> numbers = float_data(weights);
    for_each_channel(weights.type.shape, q.axis, [&](size_t i, size_t channel) {
      const float scale = q.scale[channel];
      numbers[i] = mote_dequantize_f32(
          mote_quantize_f32(numbers[i], scale, 0, range.min, range.max), scale, 0);
    });
    set_numbers(weights, numbers);
  }

  void round_for_inputs(const std::vector<PatchGroup>& groups, const std::vector<Moments>& moments,
                        Value& weights) const {
    Quantization& q = weights.type.quantization.value();
    std::vector<float> numbers = float_data(weights);
    std::vector<size_t> channels(numbers.size());
    for_each_channel(weights.type.shape, q.axis, [&](size_t i, size_t c) { channels[i] = c; });
    for (size_t g = 0; g < groups.size(); g++) {
      RoundingProblem problem = problem_of(groups[g], weights, channels, moments[g]);
      const MatrixXd integers = solve(problem);
      for (size_t o = 0; o < groups[g].weights.size(); o++) {
        const std::vector<size_t>& indices = groups[g].weights[o];
        const auto scale = static_cast<float>(problem.scale[o]);
        q.scale[channels[indices[0]]] = scale;
        for (size_t k = 0; k < indices.size(); k++)
          numbers[indices[k]] = scale * static_cast<float>(integers(static_cast<int64_t>(o),
                                                                    static_cast<int64_t>(k)));
      }
    }
    set_numbers(weights, numbers);
  }

  // Of what enters each group's columns now, with the sums of the float network; nothing where
  // weights round to the nearest.
  std::vector<Moments> moments_of(size_t index, const Activations& fitted) const {
    const Node& node = original_.nodes[index];
    const Value& weights = original_.value(node.inputs[kOfWeights]);
    if (weights.type.quantization || options_.rounding == Rounding::nearest) return {};
    const std::vector<PatchGroup> groups = patch_groups(original_, node);
    std::vector<Moments> moments(groups.size());
    for (int32_t begin = 0; begin < count_; begin += kSamplesAtOnce) {
      const MatrixXd now = batch_patches(node, fitted, begin);
      const MatrixXd exact = batch_patches(node, exact_, begin);
      for (size_t g = 0; g < groups.size(); g++) {
        moments[g].share = options_.bias_correction ? 1.0 : 0.0;
        moments[g].add(now(Eigen::all, groups[g].columns),
                       exact(Eigen::all, groups[g].columns) *
                           weights_of(groups[g], data_as<float>(weights)).transpose());
      }
    }
    return moments;
  }

  MatrixXd batch_patches(const Node& node, const Activations& activations, int32_t begin) const {
    const int32_t samples = std::min(kSamplesAtOnce, count_ - begin);
    const std::span<const float> input = activations.at(node.inputs[kOfInput]);
    const size_t each = input.size() / static_cast<size_t>(count_);
    return patches_of(
        original_, node,
        input.subspan(static_cast<size_t>(begin) * each, static_cast<size_t>(samples) * each),
        samples, kPatchesOfASample);
  }

  MatrixXd solve(RoundingProblem& problem) const {
    MatrixXd integers = round_by_gptq(problem);
    descend(problem, integers);
    for (int32_t round = 0; round < options_.refits; round++) {
      problem.scale = fitted_scales(problem, integers);
      for (double& scale : problem.scale) scale = static_cast<double>(static_cast<float>(scale));
      descend(problem, integers);
    }
    return integers;
  }

  static void correct_bias(passes::Rewriter& rewriter, size_t index,
                           std::span<const float> expected, std::span<float> actual) {
    std::vector<float> bias = passes::bias_of(rewriter.graph, rewriter.graph.nodes[index]);
    const size_t channels = bias.size();
    const std::vector<double> wanted = channel_means(expected, channels);
    const std::vector<double> is = channel_means(actual, channels);
    std::vector<float> shift(channels);
    for (size_t c = 0; c < channels; c++) {
      const auto corrected = static_cast<float>(static_cast<double>(bias[c]) + wanted[c] - is[c]);
      shift[c] = corrected - bias[c];
      bias[c] = corrected;
    }
    for (size_t i = 0; i < actual.size(); i++) actual[i] += shift[i % channels];
    passes::set_bias(rewriter, static_cast<int32_t>(index), bias);
  }

  const Graph& original_;
  const QuantizeOptions& options_;
  const SchemeInfo& info_;
  const std::span<const LayerBits> choices_;
  const std::span<const std::vector<int32_t>> trials_;
  const std::vector<std::vector<int32_t>> readers_;  // by value of the original graph
  const int32_t count_;
  Activations exact_;          // of the float network
  std::vector<State> states_;  // of those that are quantized so far
  std::vector<LayerFit> fits_;
};

void check(const Graph& graph, const CalibrationSamples& samples) {
  if (samples.count > 0) return;
  throw Error(ErrorKind::usage, "rounding = \"gptq\" and bias_correction look at samples",
              graph.name, "give some, or leave both out");
}

}  // namespace

Graph fitted_to_samples(const Graph& graph, const QuantizeOptions& options,
                        const CalibrationSamples& samples) {
  return fitted_with_bits(graph, options, samples, {layer_bits_of(graph, options)})[0];
}

std::vector<Graph> fitted_with_bits(const Graph& graph, const QuantizeOptions& options,
                                    const CalibrationSamples& samples,
                                    const std::vector<LayerBits>& choices) {
  check(graph, samples);
  if (choices.empty()) return {};
  return Fitter(graph, options, samples, choices, {}).run();
}

LayerFits fitted_layer_by_layer(const Graph& graph, const QuantizeOptions& options,
                                const CalibrationSamples& samples, const LayerBits& bits,
                                const std::vector<std::vector<int32_t>>& trials) {
  check(graph, samples);
  Fitter fitter(graph, options, samples, std::span(&bits, 1), trials);
  LayerFits result{std::move(fitter.run()[0]), {}};
  result.fits = fitter.take_fits();
  return result;
}

Graph with_layers(const Graph& fitted, std::span<const LayerFit* const> fits) {
  Graph graph = fitted;
  passes::Rewriter rewriter(graph);
  for (const LayerFit* fit : fits) {
    Value& weights = graph.value(graph.nodes[fit->node].inputs[kOfWeights]);
    weights.type = fit->weights.type;
    weights.data = fit->weights.data;
    if (!fit->bias.empty()) passes::set_bias(rewriter, static_cast<int32_t>(fit->node), fit->bias);
  }
  rewriter.finish();
  return graph;
}

}  // namespace mote::compress
