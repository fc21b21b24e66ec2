#include "evaluate/model.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "formats/model_file.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

TEST(LoadModel, TakesAPathOrAZooNetwork) {
  const Graph graph = load_model("zoo:lenet5?classes=3", 7);
  EXPECT_EQ(graph, zoo::build("lenet5", {.input = {}, .classes = 3, .seed = 7}));
  EXPECT_NE(graph, load_model("zoo:lenet5?classes=3", 8));
  const std::string path = temp_path("lenet5.mote");
  formats::write_model(path, graph);
  EXPECT_EQ(load_model(path, 8), graph);
  EXPECT_THROW(load_model("lenet5", 1), Error);  // neither a file nor zoo:
}

TEST(FileSizes, AreThoseOfTheFileAndOfItPacked) {
  const std::string path = temp_path("lenet5.tflite");
  formats::write_model(path, load_model("zoo:lenet5", 1));
  const Bytes bytes = read_file(path);
  const FileSizes sizes = file_sizes(path);
  EXPECT_EQ(sizes.file_bytes, static_cast<int64_t>(bytes.size()));
  EXPECT_LT(sizes.gzip_bytes, sizes.file_bytes);
  EXPECT_GT(sizes.gzip_bytes, 0);
  EXPECT_EQ(file_sizes("zoo:lenet5").file_bytes, 0);
}

}  // namespace
}  // namespace mote::evaluate
