// The one translation unit of this layer that includes libtorch.
#include "autograd/network.h"

#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "autograd/fake_quantization.h"
#include "autograd/fake_quantize.h"
#include "base/error.h"
#include "ir/node.h"
#include "ops/torch_twin.h"

namespace mote::autograd {
namespace {

using torch::Tensor;

std::vector<int64_t> sizes_of(const Shape& shape) {
  return {shape.begin(), shape.end()};
}

// A tensor over memory that stays the caller's.
Tensor view(float* data, const Shape& shape) {
  return torch::from_blob(data, sizes_of(shape), torch::kFloat32);
}

// libtorch's own thread pools are slower than one network per thread, and OpenBLAS does not ask
// libtorch how many threads it may take.
void compute_with_one_thread() {
  thread_local bool done = false;
  if (done) return;
  done = true;
  at::set_num_threads(1);
  using SetThreads = void (*)(int);
  if (auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads")))
    set(1);
}

// Every step of training, and every batch of an evaluation, allocates the same tensors again. What
// is freed stays with the process, else glibc gives it to the kernel, which clears each page before
// it gives it back: a tenth and more of ResNet-50's training. For good, and of the whole process:
// there is one heap. It is one for all threads, which share what one of them has freed.
void keep_freed_memory() {
#if defined(__GLIBC__)
  static const bool kept = mallopt(M_ARENA_MAX, 1) != 0 && mallopt(M_MMAP_MAX, 0) != 0 &&
                           mallopt(M_TRIM_THRESHOLD, -1) != 0;
  static_cast<void>(kept);
#endif
}

[[noreturn]] void refuse(const std::string& message, const std::string& where) {
  throw Error(ErrorKind::unsupported, message, where, "libtorch runs float models with one input");
}

void check(const Graph& graph) {
  if (graph.inputs.size() != 1 || graph.outputs.empty())
    refuse(fmt::format("{} inputs", graph.inputs.size()), graph.name);
  if (graph.value(graph.inputs[0]).type.shape.empty()) refuse("an input of rank 0", graph.name);
  for (const Node& node : graph.nodes)
    for (ValueId id : node.inputs)
      if (id != kNoValue && widened_type(graph.value(id)).dtype != DType::float32)
        refuse(fmt::format("'{}' is {}", graph.value(id).name, name_of(graph.value(id).type.dtype)),
               describe(node));
}

ops::Tensors apply(const Node& node, std::span<const Tensor> inputs,
                   const ops::TwinContext& context) {
  const auto forward = [&](const auto& op) -> ops::Tensors {
    if constexpr (std::is_same_v<std::decay_t<decltype(op)>, std::monostate>) {
      throw Error(ErrorKind::internal, "a node without an operator", node.origin);
    } else {
      return ops::forward(op, inputs, context);
    }
  };
  try {
    return std::visit(forward, node.op);
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::unsupported, error.what_without_backtrace(), describe(node));
  }
}

// By node: the computed values that it is the last to read, so that their memory can go.
std::vector<std::vector<ValueId>> last_reads(const Graph& graph) {
  std::vector<std::vector<ValueId>> finished(graph.nodes.size());
  std::set<ValueId> read_later(graph.outputs.begin(), graph.outputs.end());
  for (size_t i = graph.nodes.size(); i-- > 0;)
    for (ValueId id : graph.nodes[i].inputs)
      if (id != kNoValue && !graph.value(id).constant() && read_later.insert(id).second)
        finished[i].push_back(id);
  return finished;
}

}  // namespace

struct Network::State {
  Graph graph;
  Parameters own;                 // where the caller lends no memory
  std::vector<Tensor> constants;  // by ValueId; undefined for what is computed
  std::vector<Tensor> leaves;     // of the trainable slots
  FakeQuantizations fake;         // by ValueId
  std::vector<std::optional<SumsBehind>> sums;
  std::vector<Tensor> scales;                  // of those whose scales are their own
  std::vector<std::vector<ValueId>> finished;  // by node: what no later one reads
  ValueId output = kNoValue;
  ValueId logits = kNoValue;  // what the final softmax reads; the output where there is none
  float beta = 1.0f;          // of that softmax

  using Show = std::function<void(ValueId, const Tensor&)>;  // may be null
  Tensor forward(const Tensor& input, ValueId wanted, const ops::TwinContext& context,
                 const Show& show = nullptr) const;
  // [count, classes], of float32.
  Tensor logits_of(const Tensor& input, int64_t count, const ops::TwinContext& context) const;
  Tensor input_of(std::span<const float> numbers, int64_t count) const;
  // The value as its quantization has it, `x` where it has none.
  Tensor at_steps(ValueId id, const Tensor& x) const;
  std::vector<float> factors_of(const SumsBehind& of, float scale) const;
  void bind(std::span<float> trainable, std::span<float> statistics);
};

// Of each channel: a step of its sums, in steps of `scale`.
std::vector<float> Network::State::factors_of(const SumsBehind& of, float scale) const {
  torch::NoGradGuard no_gradients;
  const auto index = [](ValueId id) { return static_cast<size_t>(id); };
  Tensor factors =
      scales[index(of.weights)] * (scales[index(fake[index(of.input)]->scale)] / scale);
  if (of.gamma != kNoValue)
    factors = factors * constants[index(of.gamma)].abs() /
              (constants[index(of.variance)] + of.epsilon).sqrt();
  factors = factors.contiguous();
  return {factors.data_ptr<float>(), factors.data_ptr<float>() + factors.numel()};
}

Tensor Network::State::at_steps(ValueId id, const Tensor& x) const {
  const auto& how = fake[static_cast<size_t>(id)];
  if (!how) return x;
  const auto& [dtype, shape, quantization] = graph.value(id).type;
  Steps steps{.range = how->range, .zero_point = quantization->zero_point[0]};
  int64_t each = element_count(shape);
  if (!graph.value(id).constant()) each /= shape[0];  // of a sample
  if (quantization->per_channel()) {
    const auto axis = static_cast<size_t>(quantization->axis);
    steps.channels = shape[axis];
    for (size_t d = axis + 1; d < shape.size(); d++) steps.inner *= shape[d];
  }
  const Tensor& scale = scales[static_cast<size_t>(how->scale)];
  if (const auto& of = sums[static_cast<size_t>(id)])
    steps.factors = factors_of(*of, *scale.data_ptr<float>());
  return fake_quantize(x, scale, steps, each);
}

Tensor Network::State::forward(const Tensor& input, ValueId wanted, const ops::TwinContext& context,
                               const Show& show) const {
  std::vector<Tensor> values = constants;
  for (size_t id = 0; id < values.size(); id++)
    if (values[id].defined()) values[id] = at_steps(static_cast<ValueId>(id), values[id]);
  values[static_cast<size_t>(graph.inputs[0])] = at_steps(graph.inputs[0], input);
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    const Node& node = graph.nodes[i];
    std::vector<Tensor> inputs;
    for (ValueId id : node.inputs)
      inputs.push_back(id == kNoValue ? Tensor() : values[static_cast<size_t>(id)]);
    const ops::Tensors outputs = apply(node, inputs, context);
    for (size_t k = 0; k < node.outputs.size(); k++) {
      const ValueId id = node.outputs[k];
      const Tensor& value = values[static_cast<size_t>(id)] = at_steps(id, outputs.at(k));
      if (show) show(id, value);
    }
    if (std::ranges::find(node.outputs, wanted) != node.outputs.end()) break;
    for (ValueId id : finished[i]) values[static_cast<size_t>(id)].reset();
  }
  return values[static_cast<size_t>(wanted)];
}

Tensor Network::State::logits_of(const Tensor& input, int64_t count,
                                 const ops::TwinContext& context) const {
  Tensor result = (forward(input, logits, context).to(torch::kFloat32) * beta).reshape({count, -1});
  // A single logit against 0: the cross entropy of two classes is then the binary one.
  return result.size(1) == 1 ? torch::cat({torch::zeros_like(result), result}, 1) : result;
}

Tensor Network::State::input_of(std::span<const float> numbers, int64_t count) const {
  const TensorType& type = graph.value(graph.inputs[0]).type;
  const int64_t each = element_count(type.shape) / type.shape[0];
  if (static_cast<int64_t>(numbers.size()) != count * each)
    throw Error(ErrorKind::usage,
                fmt::format("{} numbers for {} inputs of {}", numbers.size(), count, each),
                graph.name);
  Shape shape = type.shape;
  shape[0] = static_cast<int32_t>(count);
  return view(const_cast<float*>(numbers.data()), shape);  // libtorch has no views of const
}

// Tensors over what training changes, and of what it does not.
void Network::State::bind(std::span<float> trainable, std::span<float> statistics) {
  constants.resize(graph.values.size());
  scales.resize(graph.values.size());
  for (const Slot& slot : own.slots) {
    const bool leaf = slot.offset < own.trainable;
    float* data = leaf ? &trainable[slot.offset] : &statistics[slot.offset - own.trainable];
    Tensor& tensor = (slot.scales ? scales : constants)[static_cast<size_t>(slot.value)];
    tensor = view(data, slot.scales ? Shape{static_cast<int32_t>(slot.count)}
                                    : graph.value(slot.value).type.shape);
    if (leaf) leaves.push_back(tensor.requires_grad_());
  }
  for (size_t id = 0; id < graph.values.size(); id++) {
    const Value& value = graph.values[id];
    if (value.constant() && !constants[id].defined())
      constants[id] =
          torch::tensor(at::ArrayRef<float>(float_data(value))).reshape(sizes_of(value.type.shape));
    if (fake[id] && !scales[id].defined())
      scales[id] = torch::tensor(at::ArrayRef<float>(value.type.quantization->scale));
  }
}

Network::Network(const Graph& graph) : Network(graph, {}, {}) {}

Network::Network(const Graph& graph, std::span<float> trainable, std::span<float> statistics)
    : state_(std::make_unique<State>()) {
  check(graph);
  keep_freed_memory();
  State& s = *state_;
  s.graph = graph;
  s.own = parameters_of(graph);
  s.finished = last_reads(graph);
  if (trainable.empty() && statistics.empty()) {
    trainable = std::span(s.own.values).first(s.own.trainable);
    statistics = std::span(s.own.values).subspan(s.own.trainable);
  }
  s.fake = fake_quantizations(graph);
  s.sums = sums_behind(graph, s.fake);
  s.bind(trainable, statistics);

  s.output = s.logits = graph.outputs[0];
  for (const Node& node : graph.nodes)
    if (const auto* softmax = std::get_if<ops::Softmax>(&node.op);
        softmax && node.outputs[0] == s.output) {
      s.logits = node.inputs[0];
      s.beta = softmax->beta;
    }
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

void Network::run(std::span<const float> inputs, int32_t count, std::vector<float>& outputs) {
  compute_with_one_thread();
  torch::NoGradGuard no_gradients;
  const Tensor result =
      state_->forward(state_->input_of(inputs, count), state_->output, {}).contiguous();
  outputs.assign(result.data_ptr<float>(), result.data_ptr<float>() + result.numel());
}

void Network::run_logits(std::span<const float> inputs, int32_t count, std::vector<float>& logits) {
  compute_with_one_thread();
  torch::NoGradGuard no_gradients;
  const Tensor result = state_->logits_of(state_->input_of(inputs, count), count, {}).contiguous();
  logits.assign(result.data_ptr<float>(), result.data_ptr<float>() + result.numel());
}

void Network::observe(std::span<const float> inputs, int32_t count, const std::set<ValueId>& values,
                      const std::function<void(ValueId, std::span<const float>)>& show) {
  compute_with_one_thread();
  torch::NoGradGuard no_gradients;
  const auto show_wanted = [&](ValueId id, const Tensor& computed) {
    if (!values.contains(id)) return;
    const Tensor tensor = computed.contiguous();
    show(id, {tensor.data_ptr<float>(), static_cast<size_t>(tensor.numel())});
  };
  const Tensor input = state_->input_of(inputs, count);
  show_wanted(state_->graph.inputs[0], input);
  state_->forward(input, state_->output, {}, show_wanted);
}

namespace {

Tensor loss_of(const Tensor& logits, const Labelled& batch, const LossOptions& options) {
  namespace F = torch::nn::functional;
  const int64_t count = logits.size(0);
  Tensor loss = torch::zeros({});
  if (options.distillation < 1.0f) {
    const Tensor labels =
        torch::from_blob(const_cast<int32_t*>(batch.labels.data()), {count}, torch::kInt32)
            .to(torch::kInt64);
    const auto each = F::CrossEntropyFuncOptions()
                          .reduction(torch::kSum)
                          .label_smoothing(options.label_smoothing);
    loss = F::cross_entropy(logits, labels, each);
  }
  if (options.distillation == 0.0f) return loss / options.divisor;
  const float t = options.temperature;
  const Tensor teacher = view(const_cast<float*>(batch.teacher.data()),
                              {static_cast<int32_t>(count), static_cast<int32_t>(logits.size(1))});
  const Tensor divergence =
      F::kl_div(torch::log_softmax(logits / t, 1), torch::log_softmax(teacher / t, 1),
                F::KLDivFuncOptions().reduction(torch::kSum).log_target(true));
  return ((1.0f - options.distillation) * loss + options.distillation * t * t * divergence) /
         options.divisor;
}

void check_answers(const Labelled& batch, const LossOptions& options, const Tensor& logits,
                   const std::string& where) {
  const auto count = logits.size(0);
  if (options.distillation < 1.0f && std::ssize(batch.labels) != count)
    throw Error(ErrorKind::usage,
                fmt::format("{} labels for {} inputs", batch.labels.size(), count), where);
  if (options.distillation > 0.0f && std::ssize(batch.teacher) != logits.numel())
    throw Error(ErrorKind::usage,
                fmt::format("the teacher gives {} numbers where the network gives {}",
                            batch.teacher.size(), logits.numel()),
                where, "a teacher has as many classes as the network that it teaches");
}

}  // namespace

double Network::gradient(const Labelled& batch, const LossOptions& options,
                         std::span<float> gradient) {
  if (options.bf16 && !computes_bf16())
    throw Error(ErrorKind::unsupported, "oneDNN is kept from the instructions that bfloat16 needs",
                state_->graph.name, "unset ONEDNN_MAX_CPU_ISA, or train without bf16");
  compute_with_one_thread();
  State& s = *state_;
  const Shape& shape = s.graph.value(s.graph.inputs[0]).type.shape;
  const int64_t count = std::ssize(batch.inputs) * shape[0] / element_count(shape);
  const Tensor logits =
      s.logits_of(s.input_of(batch.inputs, count), count, {.training = true, .bf16 = options.bf16});
  check_answers(batch, options, logits, s.graph.name);
  const Tensor loss = loss_of(logits, batch, options);

  const auto gradients = torch::autograd::grad({loss}, s.leaves, {}, /*retain_graph=*/false,
                                               /*create_graph=*/false, /*allow_unused=*/true);
  for (size_t i = 0; i < gradients.size(); i++) {
    const Slot& slot = s.own.slots[i];
    float* target = &gradient[slot.offset];
    if (!gradients[i].defined()) {
      std::fill_n(target, slot.count, 0.0f);
      continue;
    }
    const Tensor source = gradients[i].contiguous();
    std::copy_n(source.data_ptr<float>(), slot.count, target);
  }
  return loss.item<double>();
}

void Network::update_statistics(std::span<const float> inputs, int32_t count) {
  compute_with_one_thread();
  torch::NoGradGuard no_gradients;
  state_->forward(state_->input_of(inputs, count), state_->logits, {.training = true});
}

}  // namespace mote::autograd
