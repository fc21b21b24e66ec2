#include "formats/tflite/tflite.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "generated/schema_generated.h"
#include "ir/node.h"
#include "ops/foreign.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/large_graphs.h"
#include "tests/support/real_files.h"

namespace mote::formats {
namespace {

using testing::expect_same;
using testing::files_below;
using testing::folder_from;
using testing::small_classifier;

TEST(Tflite, WhatIsWrittenReadsBackEqual) {
  const ForeignGraph graph = small_classifier();
  expect_same(parse_tflite(print_tflite(graph), "small.tflite"), graph);
}

TEST(Tflite, TheSameViewGivesTheSameBytes) {
  EXPECT_EQ(print_tflite(small_classifier()), print_tflite(small_classifier()));
}

// The new shape of a scalar is a constant of no numbers.
TEST(Tflite, AReshapeMayMakeAScalar) {
  ForeignGraph foreign;
  foreign.name = "scalar";
  const int32_t x = testing::add_foreign(foreign, "x", {DType::float32, {1, 1}, {}});
  const int32_t shape = testing::add_foreign(foreign, "shape", {DType::int32, {0}, {}},
                                             std::make_shared<const Bytes>());
  const int32_t y = testing::add_foreign(foreign, "y", {DType::float32, {}, {}});
  foreign.nodes = {{"RESHAPE", {}, 1, {}, {x, shape}, {y}, "y"}};
  foreign.inputs = {x};
  foreign.outputs = {y};
  const Graph graph =
      import_graph(parse_tflite(print_tflite(foreign), "scalar.tflite"), Format::tflite);
  EXPECT_EQ(graph.value(graph.outputs.at(0)).type.shape, Shape{});
}

TEST(Tflite, PreprocessingAndLabelsTravelAlong) {
  ForeignGraph graph = small_classifier();
  graph.preprocessing = {{{1.0f / 255}, {0.1f, -0.2f}}};
  graph.labels = {"cat", "grün", "a \"b\""};
  expect_same(parse_tflite(print_tflite(graph), "small.tflite"), graph);
}

TEST(Tflite, WritesWhatOtherReadersExpect) {
  const Bytes bytes = print_tflite(small_classifier());
  EXPECT_EQ(std::string(bytes.begin() + 4, bytes.begin() + 8), "TFL3");
  const tflite::Model& model = *tflite::GetModel(bytes.data());
  EXPECT_EQ(model.version(), 3u);
  EXPECT_EQ(model.buffers()->Get(0)->data(), nullptr);
  for (const tflite::Buffer* buffer : *model.buffers())
    if (buffer->data()) {
      EXPECT_EQ((buffer->data()->data() - bytes.data()) % 16, 0);
    }
  for (const tflite::OperatorCode* code : *model.operator_codes())
    EXPECT_EQ(code->deprecated_builtin_code(), static_cast<int8_t>(code->builtin_code()));
  ASSERT_EQ(model.metadata()->size(), 1u);
  EXPECT_EQ(model.metadata()->Get(0)->name()->str(), "min_runtime_version");
}

TEST(Tflite, NamesTheFirstRuntimeThatHasEveryOperatorVersion) {
  const auto written = [](const ForeignGraph& graph) {
    const Bytes bytes = print_tflite(graph);
    const tflite::Model& model = *tflite::GetModel(bytes.data());
    const auto* data = model.buffers()->Get(model.metadata()->Get(0)->buffer())->data();
    EXPECT_EQ(data->size(), 16u);
    return std::string(reinterpret_cast<const char*>(data->data()));
  };
  ForeignGraph graph = small_classifier();
  EXPECT_EQ(written(graph), "2.3.0");
  for (ForeignNode& node : graph.nodes)
    if (node.type == "CONV_2D") node.version = 8;
  EXPECT_EQ(written(graph), "2.15.0");
}

TEST(Tflite, CodesAbove127KeepTheFirstCodeAtItsEnd) {
  ForeignGraph graph = small_classifier();
  graph.nodes[2].type = "GELU";
  graph.nodes[2].attributes = {{"approximate", 1}};
  const Bytes bytes = print_tflite(graph);
  const auto* codes = tflite::GetModel(bytes.data())->operator_codes();
  EXPECT_EQ(codes->Get(2)->deprecated_builtin_code(), 127);
  EXPECT_EQ(codes->Get(2)->builtin_code(), tflite::BuiltinOperator::GELU);
  expect_same(parse_tflite(bytes, "gelu.tflite"), graph);
}

TEST(Tflite, EqualConstantsAreWrittenOnce) {
  ForeignGraph graph = small_classifier();
  const size_t before = tflite::GetModel(print_tflite(graph).data())->buffers()->size();
  graph.values.push_back(graph.values[1]);
  graph.values.back().name = "the same weights";
  graph.values.back().data = std::make_shared<const Bytes>(*graph.values[1].data);
  graph.nodes[0].inputs.push_back(static_cast<int32_t>(graph.values.size() - 1));
  EXPECT_EQ(tflite::GetModel(print_tflite(graph).data())->buffers()->size(), before);
}

// Three convolutions whose INT4 weights have 3, 4 and 3 elements, the last two of which share
// bytes.
ForeignGraph int4_graph() {
  ForeignGraph graph;
  const TensorType activation{DType::int8, {1, 1, 1, 1}, per_tensor(0.5f, 0)};
  graph.inputs = {testing::add_foreign(graph, "x", activation)};
  const auto add = [&](const std::string& name, const std::vector<int8_t>& weights) {
    const auto count = static_cast<int32_t>(weights.size());
    const int32_t w = testing::add_foreign(graph, "w" + name,
                                           {DType::int8, {1, 1, 1, count}, per_tensor(0.1f, 0, 4)},
                                           testing::foreign_data(weights));
    const int32_t y = testing::add_foreign(graph, name, activation);
    graph.nodes.push_back({"CONV_2D", "", 7, {}, {graph.inputs[0], w}, {y}, name});
    graph.outputs.push_back(y);
  };
  add("a", {-8, 7, 1});
  add("b", {1, -1, 0, 0});
  add("c", {1, -1, 0});
  return graph;
}

// 100,000 values of one name, each of which gets its own number.
TEST(Tflite, ManyValuesOfOneNameTakeNoLongerEach) {
  const Bytes bytes = print_tflite(testing::large_foreign_graph(100'000));
  const Graph graph = import_graph(parse_tflite(bytes, "large.tflite"), Format::tflite);
  EXPECT_EQ(graph.values.back().name, "same_100000");
  const ForeignGraph written = export_graph(graph, Format::tflite);
  EXPECT_EQ(written.nodes.size(), graph.nodes.size());
}

// Older converters write dimension 3 for the scales of every bias.
TEST(Tflite, TheScalesOfAVectorCanOnlyBeAlongIt) {
  ForeignGraph graph = small_classifier();
  graph.values[2].type.quantization->axis = 3;
  expect_same(parse_tflite(print_tflite(graph), "bias.tflite"), small_classifier());
  graph.values[2].type.shape = {1, 3};
  const ForeignGraph read = parse_tflite(print_tflite(graph), "bias.tflite");
  EXPECT_EQ(read.values[2].type.quantization->axis, 1);
}

TEST(Tflite, ScalesOfABiasThatFitNothingAreIgnoredAndNoted) {
  ForeignGraph graph = small_classifier();
  graph.values[2].type.quantization = per_channel({0.5f, 0.25f}, 0, 32);
  const ForeignGraph read = parse_tflite(print_tflite(graph), "bias.tflite");
  EXPECT_FALSE(read.values[2].type.quantization);
  EXPECT_EQ(read.notes,
            (std::vector<std::string>{
                "tensor 'bias' has 2 scales for dimension 0 of [3], which are ignored"}));
  graph = small_classifier();
  graph.values[1].type.quantization->axis = 1;  // weights: TFLM looks at theirs
  graph.values[1].type.quantization->scale.pop_back();
  graph.values[1].type.quantization->zero_point.pop_back();
  EXPECT_THROW(parse_tflite(print_tflite(graph), "weights.tflite"), Error);
}

TEST(Tflite, FourBitsAreTwoAByte) {
  const Bytes bytes = print_tflite(int4_graph());
  const tflite::Model& model = *tflite::GetModel(bytes.data());
  const auto* tensors = model.subgraphs()->Get(0)->tensors();
  EXPECT_EQ(tensors->Get(1)->type(), tflite::TensorType::INT4);
  const auto* data = model.buffers()->Get(tensors->Get(1)->buffer())->data();
  EXPECT_EQ(Bytes(data->begin(), data->end()), (Bytes{0x78, 0x01}));  // the first one low
  EXPECT_EQ(tensors->Get(3)->buffer(), tensors->Get(5)->buffer());
  expect_same(parse_tflite(bytes, "int4.tflite"), int4_graph());
}

TEST(Tflite, UnreadTensorsAreDropped) {
  ForeignGraph graph = small_classifier();
  testing::add_foreign(graph, "left behind", {DType::float32, {7}, {}});
  expect_same(parse_tflite(print_tflite(graph), "small.tflite"), small_classifier());
}

TEST(Tflite, NamesAreMadeUniqueAndPrintable) {
  ForeignGraph graph = small_classifier();
  graph.values[2].name = "weights";
  graph.values[3].name = "two\nlines";
  graph.values[5].name = "";
  const ForeignGraph read = parse_tflite(print_tflite(graph), "small.tflite");
  EXPECT_EQ(read.values[2].name, "weights_1");
  EXPECT_EQ(read.values[3].name, "two_lines");
  EXPECT_EQ(read.values[5].name, "tensor_5");
  EXPECT_EQ(read.nodes[1].name, "tensor_5");
}

TEST(Tflite, RealModelsSurviveTheRoundTrip) {
  const std::string models = folder_from("MOTE_MODELS_DIR"),
                    golden = folder_from("MOTE_GOLDEN_DIR");
  if (models.empty() || golden.empty())
    GTEST_SKIP() << "MOTE_MODELS_DIR or MOTE_GOLDEN_DIR is unset";
  auto files = files_below(models, ".tflite");
  for (const std::string& file : files_below(golden, ".tflite")) files.push_back(file);
  ASSERT_GT(files.size(), 500u);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const ForeignGraph graph = parse_tflite(read_file(file), file);
    expect_same(parse_tflite(print_tflite(graph), file), graph);
  }
}

// ---- what is refused
// ------------------------------------------------------------------------------

struct Refused {
  const char* name;
  std::function<void(ForeignGraph&)> spoil;
  ErrorKind kind;
  const char* message;
};

void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}

class TfliteRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(TfliteRefuses, NamingFileAndTensor) {
  ForeignGraph graph = small_classifier();
  GetParam().spoil(graph);
  const Bytes bytes = print_tflite(graph);
  try {
    parse_tflite(bytes, "spoilt.tflite");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, GetParam().kind);
    EXPECT_EQ(std::string(error.what()), std::string("spoilt.tflite: ") + GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , TfliteRefuses,
    ::testing::Values(
        Refused{"TensorIndex", [](ForeignGraph& g) { g.nodes[0].inputs[1] = 99; },
                ErrorKind::invalid_input, "operator 0 (CONV_2D): its inputs: tensor 99 of 7"},
        Refused{"NegativeOutput", [](ForeignGraph& g) { g.nodes[0].outputs[0] = -1; },
                ErrorKind::invalid_input, "operator 0 (CONV_2D): its outputs: tensor -1 of 7"},
        Refused{"GraphOutput", [](ForeignGraph& g) { g.outputs = {7}; }, ErrorKind::invalid_input,
                "the list of outputs: tensor 7 of 7"},
        Refused{"ConstantSize",
                [](ForeignGraph& g) {
                  g.values[1].type.shape = {3, 3, 3, 4};
                },
                ErrorKind::invalid_input,
                "tensor 'weights': buffer 1 has 54 bytes, int8[3, 3, 3, 4] {axis: 0, scales: 3} "
                "needs 108"},
        Refused{"Int4Size",
                [](ForeignGraph& g) {
                  g.values[1].type.quantization->bits = 4;
                  g.values[1].type.shape = {3, 3, 3, 3};
                },
                ErrorKind::invalid_input,
                "tensor 'weights': buffer 1 has 27 bytes, int8[3, 3, 3, 3] {axis: 0, scales: 3} "
                "needs 41"},
        Refused{"ZeroDimension", [](ForeignGraph& g) { g.values[0].type.shape[2] = 0; },
                ErrorKind::unsupported, "tensor 'image': shape [1, 4, 0, 2] (fix all dimensions)"},
        Refused{"HugeShape",
                [](ForeignGraph& g) {
                  g.values[3].type.shape = {65536, 65536, 4, 3};
                },
                ErrorKind::unsupported,
                "tensor 'features': shape [65536, 65536, 4, 3] is too large"},
        Refused{"ScaleCount",
                [](ForeignGraph& g) {
                  g.values[1].type.quantization = per_channel({1, 2}, 0);
                },
                ErrorKind::invalid_input,
                "tensor 'weights': 2 scales for dimension 0 of [3, 3, 3, 2]"},
        Refused{"ScaleAxis", [](ForeignGraph& g) { g.values[1].type.quantization->axis = 4; },
                ErrorKind::invalid_input,
                "tensor 'weights': 3 scales for dimension 4 of [3, 3, 3, 2]"},
        Refused{"NegativeScale",
                [](ForeignGraph& g) { g.values[0].type.quantization->scale = {-1}; },
                ErrorKind::invalid_input, "tensor 'image': scale -1"},
        Refused{"ZeroPoint",
                [](ForeignGraph& g) { g.values[0].type.quantization->zero_point = {128}; },
                ErrorKind::invalid_input, "tensor 'image': zero point 128 of int8"},
        Refused{"CustomOperator",
                [](ForeignGraph& g) {
                  g.nodes[2].type = "CUSTOM";
                  g.nodes[2].attributes.clear();
                },
                ErrorKind::unsupported, "operator 2: custom operator ''"}),
    [](const auto& info) { return info.param.name; });

// Changes a number of the written file in place.
void expect_refused(const std::function<void(tflite::Model&)>& spoil, const std::string& message) {
  Bytes bytes = print_tflite(small_classifier());
  spoil(*const_cast<tflite::Model*>(tflite::GetModel(bytes.data())));
  try {
    parse_tflite(bytes, "f");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "f: " + message);
  }
}

TEST(Tflite, RefusesUnknownNumbers) {
  using flatbuffers::Table;
  expect_refused(
      [](tflite::Model& model) {
        auto* table = reinterpret_cast<Table*>(&model);
        table->SetField<uint32_t>(tflite::Model::VT_VERSION, 2, 0);
      },
      "schema version 2, only 3 is known");
  expect_refused(
      [](tflite::Model& model) {
        const auto* code = model.operator_codes()->Get(1);
        auto* table = reinterpret_cast<Table*>(const_cast<tflite::OperatorCode*>(code));
        table->SetField<int32_t>(tflite::OperatorCode::VT_BUILTIN_CODE, 5000, 0);
      },
      "operator 1: the operator's number is 5000");
  expect_refused(
      [](tflite::Model& model) {
        const auto* tensor = model.subgraphs()->Get(0)->tensors()->Get(0);
        auto* table = reinterpret_cast<Table*>(const_cast<tflite::Tensor*>(tensor));
        table->SetField<int8_t>(tflite::Tensor::VT_TYPE, 17, 0);
      },
      "tensor 'image': activations of 4 bits");
  expect_refused(
      [](tflite::Model& model) {
        const auto* tensor = model.subgraphs()->Get(0)->tensors()->Get(0);
        auto* table = reinterpret_cast<Table*>(const_cast<tflite::Tensor*>(tensor));
        table->SetField<int8_t>(tflite::Tensor::VT_TYPE, 5, 0);
      },
      "tensor 'image': its element type is STRING");
  expect_refused(
      [](tflite::Model& model) {
        const auto* op = model.subgraphs()->Get(0)->operators()->Get(0);
        auto* table = static_cast<Table*>(const_cast<void*>(op->builtin_options()));
        table->SetField<int8_t>(tflite::Conv2DOptions::VT_FUSED_ACTIVATION_FUNCTION, 77, 0);
      },
      "operator 0 (CONV_2D): option 'fused_activation_function' is 77, which is none of "
      "ActivationFunctionType's values");
}

TEST(Tflite, RefusesWhatIsNoModel) {
  for (const Bytes& bytes : {Bytes{}, Bytes{1, 2, 3}, Bytes(100, 0x20)}) {
    try {
      parse_tflite(bytes, "f");
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      EXPECT_EQ(std::string(error.what()),
                "f: not a TensorFlow Lite model: bytes 4 to 7 are not \"TFL3\"");
    }
  }
}

// A hundred thousand entries that all point at one tensor with a long name: kilobytes that would
// grow to gigabytes.
TEST(Tflite, RefusesToGrowBeyondTheFile) {
  flatbuffers::FlatBufferBuilder builder;
  const auto name = builder.CreateString(std::string(100000, 'x'));
  tflite::TensorBuilder tensor(builder);
  tensor.add_name(name);
  const std::vector<flatbuffers::Offset<tflite::Tensor>> tensors(100000, tensor.Finish());
  std::vector<int32_t> all(tensors.size());
  for (size_t i = 0; i < all.size(); i++) all[i] = static_cast<int32_t>(i);
  const std::vector<flatbuffers::Offset<tflite::Buffer>> buffers{tflite::CreateBuffer(builder)};
  const std::vector<flatbuffers::Offset<tflite::SubGraph>> subgraphs{
      tflite::CreateSubGraphDirect(builder, &tensors, &all, &all)};
  tflite::FinishModelBuffer(
      builder, tflite::CreateModelDirect(builder, 3, nullptr, &subgraphs, nullptr, &buffers));
  const Bytes bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  try {
    parse_tflite(bytes, "bomb.tflite");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("over and over"), std::string::npos);
  }
}

}  // namespace
}  // namespace mote::formats
