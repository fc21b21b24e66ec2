#include "deploy/lower/lower.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/error.h"
#include "deploy/lower/budget.h"
#include "deploy/lower/memory.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "tests/support/bytes.h"
#include "tests/support/packable.h"
#include "tests/support/small_graphs.h"

namespace mote::deploy {
namespace {

ValueId float_input(Graph& graph, const std::string& name, Shape shape) {
  const ValueId id = add_value(graph, name, {DType::float32, std::move(shape), {}});
  graph.inputs.push_back(id);
  return id;
}

std::vector<float> floats_of(const Bytes& bytes) {
  const auto* first = reinterpret_cast<const float*>(bytes.data());
  return {first, first + bytes.size() / sizeof(float)};
}

// x -> relu -> relu -> relu -> y, four numbers each.
Graph chain() {
  Graph graph;
  graph.name = "chain";
  ValueId value = float_input(graph, "x", {1, 4});
  for (const char* name : {"a", "b", "y"}) value = add_node(graph, ops::Relu{}, {value}, name);
  graph.outputs = {value};
  return graph;
}

TEST(Lower, RunsNodesInOrder) {
  const Graph graph = chain();
  const Program program = lower(graph, host_device());
  EXPECT_EQ(program.calls.size(), 3u);
  EXPECT_EQ(program.schedule.size(), 3u);
  const std::vector<Bytes> inputs = {bytes_of({-1, 2, -3, 4})};
  EXPECT_EQ(floats_of(interpret::run(program, inputs).at(0)), (std::vector<float>{0, 2, 0, 4}));
}

TEST(Lower, ElementwiseTakesOverDyingInput) {
  const Program program = lower(chain(), host_device());
  // a and b share one buffer; x and y lie with the caller, though the plan keeps room for them.
  EXPECT_EQ(program.calls[0].operands.back().index, program.calls[1].operands.back().index);
  EXPECT_EQ(program.plan.buffers.size(), 3u);
  EXPECT_EQ(program.calls[0].operands.front().space, Space::input);
  EXPECT_EQ(program.calls[2].operands.back().space, Space::output);
}

TEST(Lower, KeepsEveryValueForTraces) {
  LowerOptions options;
  options.keep_all_values = true;
  const Program program = lower(chain(), host_device(), options);
  EXPECT_EQ(program.plan.buffers.size(), 4u);
}

TEST(Lower, AnInputReadLaterIsNotTakenOver) {
  Graph graph;
  graph.name = "skip";
  const ValueId x = float_input(graph, "x", {1, 4});
  const ValueId a = add_node(graph, ops::Relu{}, {x}, "a");
  const ValueId b = add_node(graph, ops::Relu6{}, {a}, "b");
  const ValueId y = add_node(graph, ops::Add{}, {a, b}, "y");
  graph.outputs = {y};
  const std::vector<Bytes> inputs = {bytes_of({-1, 2, 7, 4})};
  EXPECT_EQ(floats_of(interpret::run(lower(graph, host_device()), inputs).at(0)),
            (std::vector<float>{0, 4, 13, 8}));
}

TEST(Lower, ReshapeCostsNothing) {
  Graph graph;
  graph.name = "reshape";
  const ValueId x = float_input(graph, "x", {1, 4});
  const ValueId a = add_node(graph, ops::Relu{}, {x}, "a");
  const ValueId b = add_node(graph, ops::Reshape{{1, 2, 2}}, {a}, "b");
  graph.outputs = {add_node(graph, ops::Relu{}, {b}, "y")};
  const Program program = lower(graph, host_device());
  EXPECT_EQ(program.calls.size(), 2u);
  // The step that makes `a` completes `b` as well.
  EXPECT_EQ(program.schedule[0].completes.size(), 2u);
}

TEST(Lower, CopiesFromPortToPort) {
  Graph graph;
  graph.name = "copy";
  const ValueId x = float_input(graph, "x", {1, 4});
  graph.outputs = {add_node(graph, ops::Reshape{{2, 2}}, {x}, "y")};
  const Program program = lower(graph, host_device());
  ASSERT_EQ(program.calls.size(), 1u);
  const std::vector<Bytes> inputs = {bytes_of({-1, 2, 7, 4})};
  EXPECT_EQ(interpret::run(program, inputs).at(0), inputs[0]);
}

TEST(Lower, TwoOutputsOfTheSameBytes) {
  Graph graph;
  graph.name = "twice";
  const ValueId x = float_input(graph, "x", {1, 4});
  const ValueId a = add_node(graph, ops::Relu{}, {x}, "a");
  graph.outputs = {a, add_node(graph, ops::Reshape{{4}}, {a}, "b")};
  const std::vector<Bytes> inputs = {bytes_of({-1, 2, 7, 4})};
  const std::vector<Bytes> outputs = interpret::run(lower(graph, host_device()), inputs);
  EXPECT_EQ(floats_of(outputs.at(0)), (std::vector<float>{0, 2, 7, 4}));
  EXPECT_EQ(outputs.at(0), outputs.at(1));
}

// image -> conv -> int: each layer of int8 weights between floats is two calls, and what the first
// makes for the second lives no longer than that.
TEST(Lower, IntermediatesLiveBetweenTheCallsOfTheirNode) {
  const Graph graph = testing::small_dynamic_graph(1);
  for (const bool keep_all_values : {false, true}) {
    LowerOptions options;
    options.keep_all_values = keep_all_values;
    const Program program = lower(graph, host_device(), options);
    ASSERT_EQ(program.calls[2].kernel, "quantize_dynamic");
    ASSERT_EQ(program.calls[3].kernel, "conv2d_f32s8");
    EXPECT_TRUE(program.schedule[2].completes.empty());
    EXPECT_EQ(program.schedule[2].row_end, 1);
    EXPECT_EQ(program.schedule[3].row_end, 8);
    const Operand& quantized = program.calls[2].operands.back();
    EXPECT_EQ(quantized.space, Space::arena);
    EXPECT_EQ(quantized.offset_bytes, program.calls[3].operands[0].offset_bytes);
    const Buffer& buffer = program.plan.buffers[static_cast<size_t>(quantized.index)];
    EXPECT_EQ(buffer.name, "int quantized");
    EXPECT_EQ(buffer.size_bytes, 8 * 8 * 8);
    EXPECT_EQ(buffer.first_use, 2);
    EXPECT_EQ(buffer.last_use, keep_all_values ? std::ssize(program.calls) - 1 : 3);
  }
}

// Three calls in five steps: lives, in-place results and what a step completes go by steps.
TEST(Lower, CountsTimeInSteps) {
  Graph graph;
  graph.name = "steps";
  ValueId value = float_input(graph, "x", {1, 4, 1, 1});
  for (const char* name : {"a", "b", "y"}) value = add_node(graph, ops::Relu{}, {value}, name);
  graph.outputs = {value};
  Program program;
  program.inputs = {{"x", graph.value(graph.inputs[0]).type, -1}};
  program.outputs = {{"y", graph.value(value).type, -1}};
  Homes homes = initial_homes(graph);
  for (const Node& node : graph.nodes) {
    Lowering lowering(graph, node, MOTE_ROUNDING_DOUBLE, homes);
    op_def(node.op).lower(node.op, lowering);
    program.calls.push_back(lowering.calls.at(0));
  }
  program.schedule = {{0, 0, 2}, {1, 0, 2}, {0, 2, 4}, {1, 2, 4}, {2, 0, 4}};
  plan_memory(program, graph, homes, false);

  const auto lives = [&](const std::string& name) {
    const auto buffer = std::ranges::find(program.plan.buffers, name, &Buffer::name);
    EXPECT_NE(buffer, program.plan.buffers.end()) << name;
    return std::pair(buffer->first_use, buffer->last_use);
  };
  EXPECT_EQ(lives("x"), std::pair(0, 2));
  EXPECT_EQ(lives("a"), std::pair(0, 3));  // b does not take it over, which begins before a ends
  EXPECT_EQ(lives("b"), std::pair(1, 4));
  std::vector<size_t> completed;
  for (const Step& step : program.schedule) completed.push_back(step.completes.size());
  EXPECT_EQ(completed, (std::vector<size_t>{0, 0, 1, 1, 1}));
  const std::vector<Bytes> inputs = {bytes_of({-1, 2, -3, 4})};
  EXPECT_EQ(floats_of(interpret::run(program, inputs).at(0)), (std::vector<float>{0, 2, 0, 4}));
}

TEST(Lower, SaysInFiguresWhatTheDeviceLacks) {
  Device small = host_device();
  small.name = "small";
  small.ram_bytes = 16;
  const Program program = lower(chain(), small);
  EXPECT_EQ(program.ram, (Budget{32, 16}));
  EXPECT_EQ(program.ram.lacking_bytes(), 16);
  EXPECT_EQ(program.flash, (Budget{0, 0}));
  EXPECT_EQ(program.flash.lacking_bytes(), 0);
  try {
    check_budgets(program, small);
    FAIL() << "32 bytes do not fit 16";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::over_budget);
    EXPECT_EQ(error.message, "the activations need 32 bytes, small has 16: 16 bytes too many");
    EXPECT_EQ(error.where, "chain");
  }
  small.ram_bytes = 32;
  EXPECT_NO_THROW(check_budgets(lower(chain(), small), small));
}

// Five channels of 600 weights: of int8 each of 4 bits as often, of float all 0.
Graph small_dense(DType dtype) {
  Graph graph;
  graph.name = "dense";
  const bool real = dtype == DType::float32;
  const auto type = [&](Shape shape) {
    TensorType result{dtype, std::move(shape), {}};
    if (!real) result.quantization = per_tensor(0.1f, 0);
    return result;
  };
  graph.inputs = {add_value(graph, "x", type({1, 600}))};
  Bytes data(static_cast<size_t>(5 * 600 * size_of(dtype)));
  for (size_t i = 0; i < data.size() && !real; i++) data[i] = static_cast<uint8_t>(i % 16 - 8);
  const ValueId weights = add_constant(graph, "w", type({5, 600}), data);
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {graph.inputs[0], weights}, "y")};
  graph.value(graph.outputs[0]).type = type({1, 5});
  return real ? testing::with_packable_weights(graph) : graph;
}

TEST(Lower, CountsConstantsAgainstTheFlash) {
  Device small = host_device();
  small.flash_bytes = 5 * 600 + 16;
  const Graph graph = small_dense(DType::int8);
  const Program program = lower(graph, small, {.variants = Variants::reference});
  EXPECT_EQ(program.flash.needed_bytes, constant_bytes(program));
  EXPECT_EQ(program.flash.lacking_bytes(), constant_bytes(program) - small.flash_bytes);
  EXPECT_THROW(check_budgets(program, small), Error);
}

TEST(Lower, PacksWeightsForDevicesThatWantThemSmall) {
  Device board = host_device();
  board.packs_weights = true;
  for (const DType dtype : {DType::float32, DType::int8}) {
    const bool real = dtype == DType::float32;
    const Graph graph = small_dense(dtype);
    const Program plain = lower(graph, host_device(), {.variants = Variants::reference});
    EXPECT_EQ(plain.constants.at(0).storage, real ? MOTE_STORAGE_F32 : MOTE_STORAGE_DENSE8);
    EXPECT_EQ(plain.calls.at(0).scratch_bytes, 0);
    const Program packed = lower(graph, board, {.variants = Variants::reference});
    EXPECT_EQ(packed.constants.at(0).storage, real ? MOTE_STORAGE_F16 : MOTE_STORAGE_DENSE4);
    EXPECT_EQ(packed.constants.at(0).data.size() * 2, plain.constants.at(0).data.size());
    // As many channels as fit 2 KB, but one at least.
    EXPECT_EQ(packed.calls.at(0).scratch_bytes, real ? 2400 : 1800);
  }
}

// An input that nobody reads has a buffer all the same: 2^32 + 4 bytes are not 4.
TEST(Lower, RefusesWhat32BitsCannotCount) {
  Graph graph = chain();
  graph.inputs.push_back(
      add_value(graph, "huge", {DType::int8, {4, 1'073'741'825}, per_tensor(1.0f, 0)}));
  try {
    lower(graph, host_device());
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.where, "chain: value 'huge'");
    EXPECT_NE(error.message.find("4294967300 bytes; up to 2147483647 do"), std::string::npos)
        << error.message;
  }
}

TEST(Lower, RefusesSingleRoundingForDevices) {
  Device board = host_device();
  board.name = "board";
  LowerOptions options;
  options.rounding = MOTE_ROUNDING_SINGLE;
  EXPECT_THROW(lower(chain(), board, options), Error);
  EXPECT_NO_THROW(lower(chain(), host_device(), options));
}

}  // namespace
}  // namespace mote::deploy
