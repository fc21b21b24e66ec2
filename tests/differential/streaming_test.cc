// Rows as they will be streamed: kernels compute them in turn, each as soon as the rows that it
// reads are there, and they lie anywhere in the arena, where they end making room for others. The
// bytes are those of whole tensors, one call after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "deploy/emulate/emulate.h"
#include "deploy/lower/lower.h"
#include "deploy/plan/plan.h"
#include "interpret/interpreter.h"
#include "ops/kernel.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "tests/support/emulator.h"
#include "tests/support/small_graphs.h"

namespace mote {
namespace {

// ---- which rows a row needs ----

struct RowSpan {
  int32_t first, last;
};

RowSpan window_rows(int32_t row, int32_t stride, int32_t padding, int32_t window,
                    int32_t dilation = 1) {
  const int32_t first = row * stride - padding;
  return {first, first + (window - 1) * dilation};
}

// Of the first activation, before it is cut to the rows that there are.
RowSpan rows_under(const Graph& graph, const Node& node, int32_t row) {
  const auto window = [&] { return graph.value(node.inputs[1]).type.shape[1]; };
  if (const auto* op = std::get_if<ops::Conv2D>(&node.op))
    return window_rows(row, op->stride.height, op->padding.top, window(), op->dilation.height);
  if (const auto* op = std::get_if<ops::DepthwiseConv2D>(&node.op))
    return window_rows(row, op->stride.height, op->padding.top, window(), op->dilation.height);
  if (const auto* op = std::get_if<ops::MaxPool2D>(&node.op))
    return window_rows(row, op->stride.height, op->padding.top, op->window.height);
  if (const auto* op = std::get_if<ops::AveragePool2D>(&node.op))
    return window_rows(row, op->stride.height, op->padding.top, op->window.height);
  if (const auto* op = std::get_if<ops::TransposeConv>(&node.op))
    return {(row + op->padding.top - window() + op->stride.height) / op->stride.height,
            (row + op->padding.top) / op->stride.height};
  if (const auto* op = std::get_if<ops::Pad>(&node.op))
    return {row - op->before[1], row - op->before[1]};
  if (const auto* op = std::get_if<ops::StridedSlice>(&node.op))
    return {op->begin[1] + row * op->stride[1], op->begin[1] + row * op->stride[1]};
  return {row, row};
}

// ---- another schedule and another plan of the same calls ----

enum class Places { own, shared };  // does a row keep its place, or make room when nobody needs it?

class Streamed {
 public:
  // Rows in turn of a program that keeps all values: up to `most_rows` at once.
  Streamed(const Graph& graph, Program program, int32_t most_rows, Places places, uint64_t seed)
      : graph_(graph),
        program_(std::move(program)),
        most_rows_(most_rows),
        places_(places),
        random_(seed, "rows"),
        done_(program_.calls.size()),
        nodes_(producers(graph)) {
    for (const Step& step : program_.schedule) whole_steps_[step.call] = step;
    for (size_t c = 0; c < program_.calls.size(); c++) {
      const Operand& output = result(c);
      if (output.space == Space::arena) maker_[output.index] = c;
      calls_of_node_[program_.calls[c].node_output]++;
    }
    find_scattered();
    program_.schedule.clear();
    for (size_t c = 0; c < program_.calls.size(); c++)
      if (result(c).space == Space::output) produce(c, rows_of_call(c) - 1);
    std::map<int32_t, Step*> last;
    for (Step& step : program_.schedule) last[step.call] = &step;
    for (auto& [call, step] : last) step->completes = whole_steps_[call].completes;
    plan_rows();
  }

  const Program& program() const { return program_; }
  int32_t scattered() const { return static_cast<int32_t>(height_.size()); }

 private:
  static constexpr RowSpan kAll{0, INT32_MAX};

  const Operand& result(size_t call) const {
    const Call& c = program_.calls[call];
    return c.operands[c.operands.size() - (c.scratch_bytes > 0 ? 2 : 1)];
  }
  size_t activations(const Call& call) const {
    return call.operands.size() - (call.scratch_bytes > 0 ? 1 : 0);
  }
  int32_t rows_of_call(size_t call) const {
    return whole_steps_.at(static_cast<int32_t>(call)).row_end;
  }

  // Buffers that all their users see as the same rows: the others stay whole.
  void find_scattered() {
    std::set<int32_t> whole;
    for (const Call& call : program_.calls)
      for (size_t o = 0; o < activations(call); o++) {
        const Operand& operand = call.operands[o];
        if (operand.space != Space::arena) continue;
        const std::pair rows{operand.image_rows, operand.row_stride_bytes};
        const auto [known, added] = height_.emplace(operand.index, rows);
        const bool all = byte_size(operand.type) == int64_t{rows.first} * rows.second;
        if (known->second != rows || !all) whole.insert(operand.index);
      }
    for (const int32_t buffer : whole) height_.erase(buffer);
  }

  // The rows of operand `o` that rows [begin, end) of the call's result need.
  RowSpan needed(const Call& call, size_t o, int32_t begin, int32_t end) const {
    const Operand& operand = call.operands[o];
    if (!height_.contains(operand.index) || calls_of_node_.at(call.node_output) > 1) return kAll;
    const auto& node =
        graph_.nodes[static_cast<size_t>(nodes_[static_cast<size_t>(call.node_output)])];
    if (operand.image_rows == 1) return {0, 0};
    const RowSpan first = rows_under(graph_, node, begin), last = rows_under(graph_, node, end - 1);
    return {std::clamp(std::min(first.first, last.first), 0, operand.image_rows - 1),
            std::clamp(std::max(first.last, last.last), 0, operand.image_rows - 1)};
  }

  // Everything up to `row` of a call's result, after what it needs.
  void produce(size_t c, int32_t row) {
    const Call& call = program_.calls[c];
    const int32_t rows = rows_of_call(c);
    row = std::min(row, rows - 1);
    while (done_[c] <= row) {
      const int32_t begin = done_[c];
      const auto most = static_cast<int32_t>(1 + random_.below(static_cast<uint64_t>(most_rows_)));
      const int32_t end = std::min(begin + most, rows);
      for (size_t o = 0; o + 1 < activations(call); o++)
        if (call.operands[o].space == Space::arena && maker_.contains(call.operands[o].index))
          produce(maker_.at(call.operands[o].index), needed(call, o, begin, end).last);
      program_.schedule.push_back({static_cast<int32_t>(c), begin, end, {}});
      done_[c] = end;
    }
  }

  using Key = std::pair<int32_t, int32_t>;  // the buffer, and the row or -1
  using Lives = std::map<Key, deploy::PlanBuffer>;

  std::map<Key, int32_t> planned(const Lives& lives) {
    deploy::PlanProblem problem;
    for (const auto& [key, life] : lives) problem.buffers.push_back(life);
    const deploy::PlanSolution solution = deploy::plan(problem);
    deploy::validate(problem, solution);
    program_.plan = {{}, solution.peak_bytes, solution.lower_bound_bytes, solution.optimal};
    std::map<Key, int32_t> offsets;
    for (size_t i = 0; const auto& [key, life] : lives) offsets[key] = solution.offset_bytes[i++];
    return offsets;
  }

  // In any order, with gaps of all kinds.
  std::map<Key, int32_t> scattered_places(const Lives& lives) {
    std::vector<Key> keys;
    for (const auto& [key, life] : lives) keys.push_back(key);
    for (size_t i = keys.size(); i > 1; i--) std::swap(keys[i - 1], keys[random_.below(i)]);
    std::map<Key, int32_t> offsets;
    int32_t end = 0;
    for (const Key& key : keys) {
      offsets[key] = end;
      end +=
          (lives.at(key).size_bytes + 15) / 16 * 16 + 16 * static_cast<int32_t>(random_.below(3));
    }
    program_.plan = {{}, end, 0, false};
    return offsets;
  }

  // Every row is a buffer of its own, as is every value that stays whole, and every scratch.
  void plan_rows() {
    Lives lives;
    const auto touch = [&](Key key, int32_t bytes, int32_t step) {
      auto& life = lives.try_emplace(key, deploy::PlanBuffer{bytes, step, step}).first->second;
      life.last_use = std::max(life.last_use, step);
    };
    for (int32_t s = 0; s < std::ssize(program_.schedule); s++) {
      const Step& step = program_.schedule[static_cast<size_t>(s)];
      const Call& call = program_.calls[static_cast<size_t>(step.call)];
      for (size_t o = 0; o < call.operands.size(); o++) {
        const Operand& operand = call.operands[o];
        if (operand.space != Space::arena) continue;
        if (!height_.contains(operand.index)) {
          touch({operand.index, -1}, static_cast<int32_t>(byte_size(operand.type)), s);
          continue;
        }
        RowSpan rows{step.row_begin, step.row_end - 1};
        if (o + 1 < activations(call)) rows = needed(call, o, step.row_begin, step.row_end);
        for (int32_t row = rows.first; row <= std::min(rows.last, operand.image_rows - 1); row++)
          touch({operand.index, row}, operand.row_stride_bytes, s);
      }
    }
    std::map<Key, int32_t> offsets =
        places_ == Places::own ? scattered_places(lives) : planned(lives);
    for (Call& call : program_.calls)
      for (Operand& operand : call.operands) {
        if (operand.space != Space::arena) continue;
        if (height_.contains(operand.index))
          for (int32_t row = 0; row < operand.image_rows; row++)
            operand.slots.push_back(offsets[{operand.index, row}]);  // 0: a row that nobody touches
        else
          operand.offset_bytes = offsets.at({operand.index, -1});
      }
  }

  const Graph& graph_;
  Program program_;
  const int32_t most_rows_;
  const Places places_;
  Random random_;
  std::vector<int32_t> done_;  // rows, by call
  const std::vector<int32_t> nodes_;
  std::map<int32_t, Step> whole_steps_;
  std::map<int32_t, size_t> maker_;  // by buffer
  std::map<ValueId, int32_t> calls_of_node_;
  std::map<int32_t, std::pair<int32_t, int32_t>> height_;  // rows and stride, of scattered buffers
};

// ---- networks of all spatial kernels ----

// All activations have one scale and zero point, so that whatever wants them the same has them so.
class StreamedNetwork {
 public:
  StreamedNetwork(DType type, Shape input, uint64_t seed) : type_(type), random_(seed, "network") {
    graph.name = "network";
    graph.inputs = {value("image", std::move(input))};
    last = add(ops::Relu{}, {graph.inputs[0]});  // the rows of a port stay where they are
  }

  Graph finished() {
    graph.outputs = {add(ops::Relu{}, {last})};
    // A batch norm, in float, is for graphs that nobody has optimized.
    verify(graph, type_ == DType::float32 ? Level::imported : Level::quantized);
    return graph;
  }

  ValueId add(const Op& op, std::vector<ValueId> inputs) {
    const std::string name = fmt::format("{} {}", name_of(op), graph.nodes.size());
    last = add_node(graph, op, std::move(inputs), name);
    TensorType& type = graph.value(last).type;
    if (type.dtype != DType::float32 && !type.quantization)
      type.quantization = quantization(type.dtype);
    return last;
  }

  ValueId convolution(const Op& op, ValueId input, const Shape& weights, int32_t axis) {
    const int32_t channels = weights[static_cast<size_t>(axis)];
    const int64_t count = element_count(weights);
    if (type_ == DType::float32) {
      const ValueId w = add_constant(graph, "w", {type_, weights, {}},
                                     testing::random_floats(random_, count, 0.2));
      const ValueId b = add_constant(graph, "b", {type_, {channels}, {}},
                                     testing::random_floats(random_, channels, 0.5));
      return add(op, {input, w, b});
    }
    Bytes bytes = testing::random_bytes(random_, count);
    for (uint8_t& byte : bytes) byte = byte == 0x80 ? 0x81 : byte;
    std::vector<float> scales;
    for (int32_t c = 0; c < channels; c++)
      scales.push_back(static_cast<float>(random_.uniform(0.001, 0.004)));
    const ValueId w =
        add_constant(graph, "w", {DType::int8, weights, per_channel(scales, axis)}, bytes);
    for (float& scale : scales) scale *= quantization(type_).scale[0];
    std::vector<int32_t> biases(static_cast<size_t>(channels));
    for (int32_t& bias : biases) bias = static_cast<int32_t>(random_.below(2000)) - 1000;
    const std::vector<int64_t> wide(biases.begin(), biases.end());
    const bool is_wide = type_ == DType::int16;
    const ValueId b = add_constant(graph, "b",
                                   {is_wide ? DType::int64 : DType::int32,
                                    {channels},
                                    per_channel(scales, 0, is_wide ? 64 : 32)},
                                   is_wide ? to_bytes<int64_t>(wide) : to_bytes<int32_t>(biases));
    return add(op, {input, w, b});
  }

  static Quantization quantization(DType type) {
    return type == DType::int16 ? per_tensor(0.0005f, 0, 16) : per_tensor(0.04f, -3);
  }

  Graph graph;
  ValueId last = kNoValue;

 private:
  ValueId value(const std::string& name, Shape shape) {
    TensorType type{type_, std::move(shape), {}};
    if (type_ != DType::float32) type.quantization = quantization(type_);
    return add_value(graph, name, std::move(type));
  }

  const DType type_;
  Random random_;
};

// conv -> depthwise -> (+ conv) -> max pool.
Graph residual_network(DType type, uint64_t seed) {
  StreamedNetwork net(type, {1, 13, 7, 4}, seed);
  const ValueId x = net.last;
  const ValueId conv = net.convolution(
      ops::Conv2D{{1, 1}, {1, 1}, {1, 1, 1, 1}, 1, Activation::relu}, x, {8, 3, 3, 4}, 0);
  const ValueId deep =
      net.convolution(ops::DepthwiseConv2D{{1, 1}, {2, 2}, {2, 2, 2, 2}}, conv, {1, 3, 3, 8}, 3);
  const ValueId point = net.convolution(ops::Conv2D{}, deep, {8, 1, 1, 8}, 0);
  net.add(ops::Add{Activation::relu}, {conv, point});
  net.add(ops::MaxPool2D{{3, 3}, {2, 2}, {1, 1, 1, 1}, Activation::none}, {net.last});
  return net.finished();
}

// Convolutions with strides and groups, and back up again: an encoder and its decoder.
Graph encoder_network(DType type, uint64_t seed) {
  StreamedNetwork net(type, {1, 12, 10, 4}, seed);
  const ValueId x = net.last;
  net.add(ops::Pad{{0, 2, 1, 0}, {0, 1, 0, 0}}, {x});
  net.convolution(ops::Conv2D{{2, 2}, {1, 1}, {0, 0, 0, 0}, 2, Activation::relu6}, net.last,
                  {6, 3, 3, 2}, 0);
  net.convolution(ops::DepthwiseConv2D{{1, 1}, {1, 1}, {1, 1, 1, 1}}, net.last, {1, 3, 3, 6}, 3);
  net.add(ops::AveragePool2D{{2, 2}, {1, 1}, {0, 1, 0, 1}, Activation::none}, {net.last});
  net.convolution(ops::TransposeConv{{2, 2}, {1, 0, 1, 0}}, net.last, {5, 3, 3, 6}, 0);
  net.add(ops::StridedSlice{{0, 1, 0, 0}, {1, 5, 4, 5}, {1, 2, 2, 1}}, {net.last});
  const std::vector<ValueId> halves =
      add_outputs(net.graph, ops::Split{2, {2, 2}}, {net.last}, "halves");
  for (const ValueId half : halves)
    net.graph.value(half).type.quantization = net.graph.value(net.last).type.quantization;
  net.add(ops::Sub{}, {halves[0], halves[1]});
  return net.finished();
}

// Everything that is done element by element, of two branches that lag behind each other.
Graph elementwise_network(DType type, uint64_t seed) {
  StreamedNetwork net(type, {1, 11, 6, 5}, seed);
  const ValueId x = net.last;
  const ValueId a = net.convolution(ops::Conv2D{{1, 1}, {1, 1}, {3, 3, 1, 1}}, x, {5, 7, 3, 5}, 0);
  const ValueId b = net.add(ops::LeakyRelu{0.1f}, {a});
  const ValueId c = net.add(ops::Mul{}, {b, x});
  const ValueId d = net.add(ops::Sub{}, {c, a});
  net.add(ops::Relu6{}, {d});
  if (type == DType::float32) {
    std::vector<ValueId> inputs = {net.last};
    for (const char* name : {"gamma", "beta", "mean", "variance"})
      inputs.push_back(add_constant(net.graph, name, {5}, {1.5f, 0.5f, 2.0f, 0.25f, 1.0f}));
    net.add(ops::BatchNorm{}, inputs);
  }
  const ValueId y = net.last;
  net.add(ops::Softmax{}, {y});
  if (type == DType::float32) return net.finished();
  net.graph.value(net.last).type.quantization =
      type == DType::int16 ? per_tensor(1.0f / 32768, 0, 16) : per_tensor(1.0f / 256, -128);
  const Quantization q = StreamedNetwork::quantization(type);
  net.add(ops::Dequantize{}, {net.last});
  net.add(ops::Quantize{type, q.scale[0], q.zero_point[0]}, {net.last});
  return net.finished();
}

std::set<std::string> kernels_of(const Program& program) {
  std::set<std::string> names;
  for (const Call& call : program.calls) names.insert(call.kernel + " " + call.variant);
  return names;
}

std::vector<Graph> networks(uint64_t seed) {
  std::vector<Graph> graphs;
  for (const DType type : {DType::int8, DType::int16, DType::float32})
    for (const auto& make : {residual_network, encoder_network, elementwise_network})
      graphs.push_back(make(type, seed));
  graphs.push_back(testing::small_dynamic_graph(seed));
  return graphs;
}

class StreamedVariants : public ::testing::TestWithParam<deploy::Variants> {};

TEST_P(StreamedVariants, InTurnAndAnywhereGiveTheBytesOfWholeTensors) {
  const deploy::Device host = deploy::host_device();
  for (uint64_t seed = 1; seed <= 4; seed++)
    for (const Graph& graph : networks(seed)) {
      const Program plain = deploy::lower(graph, host, {.variants = GetParam()});
      const Program kept =
          deploy::lower(graph, host, {.variants = GetParam(), .keep_all_values = true});
      const auto inputs = testing::random_inputs(plain, seed);
      const std::vector<Bytes> expected = interpret::run(plain, inputs);
      for (const Places places : {Places::own, Places::shared})
        for (const int32_t most_rows : {1, 3}) {
          const Streamed streamed(graph, kept, most_rows, places, seed);
          SCOPED_TRACE(fmt::format("{} rows at once, {}\n{}", most_rows,
                                   places == Places::own ? "apart" : "in turn",
                                   graph.nodes.at(1).origin));
          EXPECT_GT(streamed.scattered(), 2);
          EXPECT_GT(streamed.program().schedule.size(), kept.schedule.size());
          EXPECT_EQ(interpret::run(streamed.program(), inputs), expected);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, StreamedVariants,
                         ::testing::Values(deploy::Variants::reference, deploy::Variants::best),
                         [](const auto& info) {
                           return info.param == deploy::Variants::best ? "best" : "reference";
                         });

// A row of the tables that nothing here runs has to be named: as one that sees no rows of images.
TEST(StreamedRows, OfEverySpatialReferenceKernelAreTested) {
  std::set<std::string> tested;
  for (const Graph& graph : networks(1)) {
    Program program =
        deploy::lower(graph, deploy::host_device(), {.variants = deploy::Variants::reference});
    tested.merge(kernels_of(program));
  }
  const std::set<std::string_view> others = {"copy",
                                             "quantize_dynamic",
                                             "mean_f32",  // of all rows, mostly
                                             "mean_s8",
                                             "mean_s16",
                                             "dequantize_u8_f32",  // as from int8
                                             "fully_connected_f32",
                                             "fully_connected_s8",
                                             "fully_connected_s16",
                                             "depthwise_conv2d_f32s8"};
  for (const Kernel& kernel : kernels()) {
    const bool spatial = !others.contains(kernel.name) && !kernel.name.starts_with("quantize_");
    if (kernel.variant == "reference" && spatial) {
      EXPECT_TRUE(tested.contains(std::string(kernel.name) + " reference")) << kernel.name;
    }
  }
}

// Windows that overlap share their rows, which need far less room than tensors.
TEST(StreamedRows, TakeLessRoomThanTensors) {
  const Graph graph = residual_network(DType::int8, 1);
  const deploy::Device host = deploy::host_device();
  const Program plain = deploy::lower(graph, host, {.variants = deploy::Variants::reference});
  const Program kept = deploy::lower(
      graph, host, {.variants = deploy::Variants::reference, .keep_all_values = true});
  const Streamed streamed(graph, kept, 1, Places::shared, 1);
  EXPECT_LT(streamed.program().plan.peak_bytes, plain.plan.peak_bytes * 2 / 3);
}

// Values are traced when their last row is there, gathered from wherever rows lie.
TEST(StreamedRows, AreGatheredForTraces) {
  const Graph graph = residual_network(DType::int16, 1);
  const Program kept = deploy::lower(graph, deploy::host_device(), {.keep_all_values = true});
  const auto inputs = testing::random_inputs(kept, 1);
  const auto traced = [&](const Program& program) {
    std::map<ValueId, Bytes> values;
    interpret::run(program, inputs,
                   [&](const Call&, ValueId value, std::span<const uint8_t> bytes) {
                     values[value].assign(bytes.begin(), bytes.end());
                   });
    return values;
  };
  const auto expected = traced(kept);
  EXPECT_EQ(expected.size(), graph.nodes.size());
  EXPECT_EQ(traced(Streamed(graph, kept, 2, Places::own, 1).program()), expected);
}

TEST(StreamedRows, LieAnywhereInFirmwareToo) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  for (const char* name : {"mps2-an386", "microbit"}) {
    const deploy::Device device = deploy::load_device(name);
    const Graph graph = residual_network(DType::int8, 1);
    const Program kept = deploy::lower(graph, device, {.keep_all_values = true});
    const auto inputs = testing::random_inputs(kept, 1);
    Program rows = Streamed(graph, kept, 2, Places::shared, 1).program();
    // The harness keeps the ports in the arena, behind the rows.
    for (std::vector<Port>* ports : {&rows.inputs, &rows.outputs})
      for (Port& port : *ports) {
        port.buffer = static_cast<int32_t>(rows.plan.buffers.size());
        const auto bytes = static_cast<int32_t>(byte_size(port.type));
        rows.plan.buffers.push_back({port.name, bytes, 0, 0, rows.plan.peak_bytes});
        rows.plan.peak_bytes += (bytes + 15) / 16 * 16;
      }
    const std::vector<std::vector<Bytes>> samples = {inputs};
    EXPECT_EQ(deploy::emulate(rows, device, {}, samples).outputs.at(0),
              interpret::run(kept, inputs));
  }
}

}  // namespace
}  // namespace mote
