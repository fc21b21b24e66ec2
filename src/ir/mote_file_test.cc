#include "ir/mote_file.h"
#include "base/zip.h"

#include <gtest/gtest.h>

#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "ir/node.h"
#include "ir/npy.h"
#include "ir/text.h"
#include "tests/support/bytes.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

// Large constants under names that no file could have.
Graph graph_of(const std::vector<std::string>& names) {
  Graph graph;
  graph.name = "g";
  graph.inputs = {add_value(graph, "x", {DType::float32, {4, 5}, {}})};
  for (const std::string& name : names) {
    std::vector<float> data(20, static_cast<float>(graph.values.size()));
    const ValueId w = add_constant(graph, name, {4, 5}, data);
    const ValueId sum = add_value(graph, "sum", {DType::float32, {4, 5}, {}});
    graph.nodes.push_back({ops::Add{}, {graph.inputs[0], w}, {sum}, "sum"});
    graph.outputs.push_back(sum);
  }
  return graph;
}

std::string error_of(const std::map<std::string, Bytes>& members) {
  const std::string path = temp_path("broken.mote");
  write_zip(path, members);
  try {
    read_mote_file(path);
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with(path + ": ")) << text;
    return text.substr(path.size() + 2);
  }
  return "accepted";
}

TEST(MoteFile, GivesBackGraphAndExtraMembers) {
  const Graph graph = graph_of({"conv1/weights", "../../etc/passwd", "/a", "a.b", "50%", "%41",
                                "B:0", "\xc3\xa4\n", ".", "A", "a//b", "a/../b"});
  const ExtraMembers extra = {{"optimizer.bin", {1, 2, 3}}, {"constants.txt", {}}};
  const std::string path = temp_path("g.mote");
  write_mote_file(path, graph, extra);
  const MoteFile file = read_mote_file(path);
  EXPECT_EQ(file.graph, graph);
  EXPECT_EQ(file.extra, extra);
}

TEST(MoteFile, CarriesMasks) {
  Graph graph = graph_of({"large", "v"});
  const ValueId small = add_constant(graph, "small", {2}, {0, 1});
  graph.value(1).mask = std::make_shared<const Bytes>(20);
  graph.value(small).mask = std::make_shared<const Bytes>(Bytes{0, 1});
  const std::string path = temp_path("masks.mote");
  write_mote_file(path, graph);
  EXPECT_EQ(read_mote_file(path).graph, graph);
  EXPECT_TRUE(read_zip(path).contains("masks/large.npy"));
  Graph other = graph;
  other.value(1).mask = nullptr;
  EXPECT_FALSE(other == graph);
}

TEST(MoteFile, HasPlainMemberNames) {
  const std::string path = temp_path("names.mote");
  write_mote_file(path, graph_of({"conv1/weights", "../../x", "a b", "a/../b"}));
  std::vector<std::string> names;
  for (const auto& [name, bytes] : read_zip(path)) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"constants/%2E./%2E./x.npy", "constants/a%20b.npy",
                                             "constants/a/%2E./b.npy",
                                             "constants/conv1/weights.npy", "graph.txt"}));
}

TEST(MoteFile, SameGraphSameBytes) {
  const Graph graph = graph_of({"w", "v"});
  write_mote_file(temp_path("first.mote"), graph);
  write_mote_file(temp_path("second.mote"), graph);
  EXPECT_EQ(read_file(temp_path("first.mote")), read_file(temp_path("second.mote")));
}

TEST(MoteFile, SaysWhatIsWrong) {
  const std::string text = print(graph_of({"w"})).text;
  const Array w{DType::float32, {4, 5}, Bytes(80)};
  const std::string graph = "graph g\n  w: float32[4, 5] = crc32 ";
  const Bytes whole = bytes_of(fmt::format("{}{:08x}", graph, crc32_of(w.data)));
  EXPECT_EQ(error_of({{"x", {}}}), "no .mote file: it has no graph.txt");
  EXPECT_EQ(error_of({{"graph.txt", bytes_of("graf g")}}),
            "graph.txt: line 1, column 1: expected 'graph', found 'graf'");
  EXPECT_EQ(error_of({{"graph.txt", whole}}),
            "graph.txt: line 2, column 28: constant 'w' is missing beside the text");
  EXPECT_EQ(error_of({{"graph.txt", whole}, {"constants/w.npy", print_npy(w)}}), "accepted");
  EXPECT_EQ(error_of({{"graph.txt", whole},
                      {"constants/w.npy", print_npy({DType::int32, {20}, w.data})}}),
            "constant 'w': int32[20] beside the text, float32[4, 5] in it");
  EXPECT_EQ(error_of({{"graph.txt", whole},
                      {"constants/w.npy", print_npy(w)},
                      {"constants/v.npy", print_npy(w)}}),
            "constants that the graph does not have");
  const Array mask{DType::boolean, {4, 5}, Bytes(20)};
  const Bytes masked = bytes_of(
      fmt::format("{}{:08x} mask crc32 {:08x}", graph, crc32_of(w.data), crc32_of(mask.data)));
  EXPECT_EQ(error_of({{"graph.txt", masked}, {"constants/w.npy", print_npy(w)}}),
            "graph.txt: line 2, column 48: the mask of 'w' is missing beside the text");
  EXPECT_EQ(error_of({{"graph.txt", masked},
                      {"constants/w.npy", print_npy(w)},
                      {"masks/w.npy", print_npy({DType::int8, {4, 5}, mask.data})}}),
            "mask of 'w': int8[4, 5] beside the text, float32[4, 5] in it");
  EXPECT_EQ(error_of({{"graph.txt", whole},
                      {"constants/w.npy", print_npy(w)},
                      {"masks/v.npy", print_npy(mask)}}),
            "masks that the graph does not have");
  EXPECT_EQ(error_of({{"graph.txt", whole}, {"constants/w.npy", bytes_of("PK")}}),
            "member 'constants/w.npy': offset 0: no .npy file");
}

TEST(MoteFile, ExtraMembersHaveTheirOwnNames) {
  EXPECT_THROW(write_mote_file(temp_path("x.mote"), graph_of({"w"}), {{"graph.txt", {}}}), Error);
}

}  // namespace
}  // namespace mote
