// The engine `native` against `reference` on real images, every output byte: MLPerf Tiny's resnet8
// over the whole test split of CIFAR-10, and its forms in the other schemes over a part. Nearly all
// of the time, half a minute of two cores, is the reference's.
#include <gtest/gtest.h>

#include "compress/compress.h"
#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

class Native : public ::testing::Test {
 protected:
  void SetUp() override {
    models_ = testing::folder_from("MOTE_MODELS_DIR");
    if (models_.empty() || testing::folder_from("MOTE_DATA_DIR").empty())
      GTEST_SKIP() << "MOTE_MODELS_DIR or MOTE_DATA_DIR is not set";
    data_ = datasets::load("cifar-10");
  }

  Graph model(const std::string& name) const { return formats::read_model(models_ + "/" + name); }

  // How many of the first `count` test images have other bytes than the reference's.
  int32_t different(const Graph& graph, int32_t count) const {
    const std::vector<Bytes> inputs = {evaluate::encode(graph, data_.test.images, 0, count)};
    const Bytes native = evaluate::make_engine("native", graph)->run(inputs, count).at(0);
    const Bytes reference = evaluate::make_engine("reference", graph)->run(inputs, count).at(0);
    const size_t bytes = reference.size() / static_cast<size_t>(count);
    EXPECT_EQ(native.size(), reference.size());
    int32_t result = 0;
    for (size_t i = 0; i < reference.size(); i += bytes)
      result += !std::equal(&reference[i], &reference[i] + bytes, &native[i]);
    return result;
  }

  std::string models_;
  datasets::Dataset data_;
};

TEST_F(Native, IsTheReferenceOnTenThousandImages) {
  const Graph graph = model("resnet8_int8.tflite");
  EXPECT_EQ(data_.test.images.shape.at(0), 10'000);
  EXPECT_EQ(different(graph, 10'000), 0);
}

TEST_F(Native, IsTheReferenceInEveryScheme) {
  for (const compress::Recipe& recipe : compress::built_in_recipes()) {
    if (recipe.trains()) continue;
    SCOPED_TRACE(recipe.name);
    const Graph graph = compress::compress(model("resnet8_float.tflite"), recipe, data_.train);
    EXPECT_EQ(different(graph, 250), 0);
  }
}

}  // namespace
}  // namespace mote
