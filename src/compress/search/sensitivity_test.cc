#include "compress/search/sensitivity.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "evaluate/inspection.h"
#include "evaluate/samples.h"
#include "tests/support/layered_graph.h"

namespace mote::compress {
namespace {

constexpr int32_t kAskedSamples = 24;
const QuantizeOptions kDataAware{
    .scales = WeightScale::mse, .rounding = Rounding::gptq, .bias_correction = true};

class Sensitivity : public ::testing::Test {
 protected:
  Sensitivity()
      : inputs_(evaluate::encode(graph_, split_, 0, kAskedSamples)), reference_(graph_, split_, 2) {
    calibrate(graph_, inputs_, kAskedSamples);
  }

  Sensitivities of(const QuantizeOptions& options) {
    return sensitivities(graph_, options, {inputs_, kAskedSamples}, reference_);
  }
  Graph quantized(const QuantizeOptions& options) {
    return quantize(graph_, options, {inputs_, kAskedSamples});
  }

  Graph graph_ = testing::layered_graph();
  datasets::Split split_ = testing::layered_samples(kAskedSamples, 3);
  std::vector<Bytes> inputs_;
  evaluate::Reference reference_;
};

void expect_equal(const evaluate::Divergence& a, const evaluate::Divergence& b) {
  EXPECT_EQ(a.kl, b.kl);
  EXPECT_EQ(a.agreement, b.agreement);
  EXPECT_EQ(a.squared_error, b.squared_error);
}

// Behind the last layer there is nothing that another quantization of the network would refit.
TEST_F(Sensitivity, OfTheLastLayerIsThatOfTheNetworkQuantizedSo) {
  const Sensitivities all = of(kDataAware);
  ASSERT_EQ(all.layers.size(), 4u);
  EXPECT_EQ(all.layers.back().name, "f5");
  ASSERT_EQ(all.layers.back().sensitivity.size(), 7u);
  for (const LayerSensitivity& each : all.layers.back().sensitivity) {
    QuantizeOptions options = kDataAware;
    options.layer_bits = {{"f5", each.bits}};
    expect_equal(each.divergence, reference_.of(quantized(options)));
  }
  expect_equal(all.divergence, reference_.of(quantized(kDataAware)));
  EXPECT_EQ(all.constant_bytes, evaluate::inspect(quantized(kDataAware)).constant_bytes);
  EXPECT_EQ(all.most, (LayerBits{8, 8, 8, 0, 8}));
}

// Weights that round to the nearest do not depend on other layers: every row can be made anew.
TEST_F(Sensitivity, OfRoundingToTheNearestIsThatOfEveryLayer) {
  const Sensitivities all = of({});
  for (const SearchedLayer& layer : all.layers)
    for (const LayerSensitivity& each : layer.sensitivity) {
      expect_equal(each.divergence,
                   reference_.of(quantized({.layer_bits = {{layer.name, each.bits}}})));
      EXPECT_EQ(each.constant_bytes, evaluate::inspect(quantized({.weight_bits = each.bits}))
                                         .layer_constants.at(layer.name)
                                         .sum());
    }
  EXPECT_GT(all.layers[0].sensitivity[0].divergence.kl, all.divergence.kl);
  EXPECT_LT(all.layers[2].sensitivity[0].constant_bytes,
            all.layers[2].sensitivity[6].constant_bytes);
}

TEST_F(Sensitivity, LeavesAloneWhatIsSaid) {
  QuantizeOptions options{.first_bits = 7, .last_bits = 6, .layer_bits = {{"d2", 5}}};
  const Sensitivities all = of(options);
  ASSERT_EQ(all.layers.size(), 1u);
  EXPECT_EQ(all.layers[0].name, "g3");
  EXPECT_EQ(all.most, (LayerBits{7, 5, 8, 0, 6}));
  options.layer_bits["g3"] = 4;
  EXPECT_THROW(of(options), Error);
}

}  // namespace
}  // namespace mote::compress
