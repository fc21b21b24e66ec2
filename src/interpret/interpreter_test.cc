#include "interpret/interpreter.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "deploy/lower/lower.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/bytes.h"

namespace mote::interpret {
namespace {

Graph two_relus() {
  Graph graph;
  graph.name = "two";
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 2}, {}});
  graph.inputs = {x};
  const ValueId a = add_node(graph, ops::Relu{}, {x}, "a");
  graph.outputs = {add_node(graph, ops::Relu6{}, {a}, "y")};
  return graph;
}

TEST(Interpreter, TracesEveryValueInOrder) {
  const Graph graph = two_relus();
  const Program program = deploy::lower(graph, deploy::host_device());
  std::vector<std::string> seen;
  const std::vector<Bytes> inputs = {bytes_of({-1, 8})};
  run(program, inputs, [&](const Call&, ValueId value, std::span<const uint8_t> bytes) {
    seen.push_back(graph.value(value).name);
    EXPECT_EQ(bytes.size(), 8u);
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "y"}));
}

TEST(Interpreter, RunsAgainAndAgain) {
  const Program program = deploy::lower(two_relus(), deploy::host_device());
  Interpreter interpreter(program);
  for (float value : {3.0f, 9.0f, -2.0f}) {
    const Bytes input = bytes_of({value, 1});
    Bytes output(8);
    const std::span<const uint8_t> in[] = {input};
    const std::span<uint8_t> out[] = {output};
    interpreter.run(in, out);
    EXPECT_EQ(output, bytes_of({std::min(std::max(value, 0.0f), 6.0f), 1}));
  }
}

TEST(Interpreter, RefusesTensorsOfAnotherSize) {
  const Program program = deploy::lower(two_relus(), deploy::host_device());
  const std::vector<Bytes> small = {Bytes(4)};
  EXPECT_THROW(run(program, small), Error);
  EXPECT_THROW(run(program, {}), Error);
}

}  // namespace
}  // namespace mote::interpret
