#include "formats/model_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "formats/tflite/tflite.h"
#include "ir/node.h"
#include "ops/foreign.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/real_files.h"

namespace mote::formats {
namespace {

using testing::files_below;
using testing::folder_from;

class ModelFile : public ::testing::Test {
 protected:
  ModelFile()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(folder_);
  }
  ~ModelFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

Graph small_graph() {
  return import_graph(testing::small_classifier(), Format::tflite);
}

TEST_F(ModelFile, BothFormatsGiveTheGraphBack) {
  for (const char* name : {"model.tflite", "model.mote", "MODEL.TFLITE", "Model.Mote"}) {
    write_model(path(name), small_graph());
    EXPECT_EQ(read_model(path(name)), small_graph()) << name;
  }
}

TEST_F(ModelFile, WhatAFileHoldsCountsForMoreThanItsName) {
  write_model(path("model.tflite"), small_graph());
  std::filesystem::rename(path("model.tflite"), path("model.bin"));
  EXPECT_EQ(read_model(path("model.bin")), small_graph());
}

TEST_F(ModelFile, AGraphWithoutANameIsCalledAfterItsFile) {
  Graph graph = small_graph();
  graph.name = "main";
  write_model(path("keywords.tflite"), graph);
  EXPECT_EQ(read_model(path("keywords.tflite")).name, "keywords");
}

void expect_error(ErrorKind kind, const std::string& where, const auto& action) {
  try {
    action();
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, kind) << error.what();
    EXPECT_TRUE(error.where.starts_with(where)) << error.what();
  }
}

TEST_F(ModelFile, ErrorsNameTheFile) {
  write_file(path("text.tflite"), std::string_view("not a model"));
  write_file(path("net.onnx"), std::string_view("\x08\x07"));
  write_file(path("net.bin"), std::string_view("whatever"));
  const auto reading = [&](const char* name) { return [file = path(name)] { read_model(file); }; };
  expect_error(ErrorKind::invalid_input, path("text.tflite"), reading("text.tflite"));
  expect_error(ErrorKind::invalid_input, path("missing.tflite"), reading("missing.tflite"));
  expect_error(ErrorKind::unsupported, path("net.onnx"), reading("net.onnx"));
  expect_error(ErrorKind::invalid_input, path("net.bin"), reading("net.bin"));
  expect_error(ErrorKind::usage, path("net.h5"),
               [&] { write_model(path("net.h5"), small_graph()); });
}

TEST_F(ModelFile, APathIsKnownToBeWritableBeforehand) {
  check_writable(path("net.tflite"));
  check_writable("net.mote");
  expect_error(ErrorKind::usage, "net.h5", [] { check_writable("net.h5"); });
  expect_error(ErrorKind::usage, path("none"), [&] { check_writable(path("none/net.mote")); });
}

TEST_F(ModelFile, ErrorsOfImportNameTheFileAndTheNode) {
  ForeignGraph foreign = testing::small_classifier();
  foreign.nodes[0].attributes[1].second = 0;  // stride_w
  write_file(path("stride.tflite"), print_tflite(foreign));
  expect_error(ErrorKind::invalid_input, path("stride.tflite") + ": node 'features' (CONV_2D)",
               [&] { read_model(path("stride.tflite")); });
}

bool imports(const ForeignGraph& foreign) {
  try {
    import_graph(foreign, Format::tflite);
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported) << error.what();
    return false;
  }
}

TEST(RealModels, ExportAndImportChangeNothing) {
  const std::string models = folder_from("MOTE_MODELS_DIR"),
                    golden = folder_from("MOTE_GOLDEN_DIR");
  if (models.empty() || golden.empty())
    GTEST_SKIP() << "MOTE_MODELS_DIR or MOTE_GOLDEN_DIR is unset";
  auto files = files_below(models, ".tflite");
  for (const std::string& file : files_below(golden, ".tflite"))
    if (file.find("_s4_") == std::string::npos) files.push_back(file);  // INT4 weights
  int imported = 0;
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const ForeignGraph foreign = parse_tflite(read_file(file), file);
    if (!imports(foreign)) continue;
    imported++;
    const Graph graph = import_graph(foreign, Format::tflite);
    const Bytes bytes = print_tflite(export_graph(graph, Format::tflite));
    EXPECT_EQ(import_graph(parse_tflite(bytes, file), Format::tflite), graph);
  }
  EXPECT_GE(imported, 200) << "of " << files.size();
}

}  // namespace
}  // namespace mote::formats
