// What the encoder takes the kernel gives back; multipliers are made by the formula of
// docs/arithmetic.md, "Multipliers".
#include "deploy/storage/channels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "runtime/arithmetic/multiplier.h"
#include "runtime/unpack_channels.h"

namespace mote::deploy {
namespace {

constexpr int64_t kLeastBias = std::numeric_limits<int32_t>::min();
constexpr int64_t kMostBias = std::numeric_limits<int32_t>::max();

// A layer's constants and the scales that they come from.
struct DrawnChannels {
  ChannelConstants constants = {};
  double factor = 0;
  std::vector<float> scales = {};
};

// In [2^exponent, 2^(exponent + 1)), of any 24 bits.
float drawn_scale(Random& random, int exponent) {
  const auto bits = static_cast<double>((1u << 23) + random.below(1u << 23));
  return static_cast<float>(std::ldexp(bits, exponent - 23));
}

// Scales of some powers of two, without biases.
DrawnChannels drawn_channels(size_t channels, Random& random, int powers = 4) {
  DrawnChannels drawn;
  const float input = drawn_scale(random, -6), output = drawn_scale(random, -4);
  drawn.factor = static_cast<double>(input) / output;
  for (size_t c = 0; c < channels; c++) {
    drawn.scales.push_back(
        drawn_scale(random, -8 - static_cast<int>(random.below(static_cast<uint64_t>(powers)))));
    const double product = static_cast<double>(input) * drawn.scales.back();
    const mote_multiplier m = mote_quantize_multiplier(product / static_cast<double>(output));
    drawn.constants.multiplier.push_back(m.multiplier);
    drawn.constants.shift.push_back(static_cast<int8_t>(m.shift));
  }
  return drawn;
}

// Of `channels`, with one multiplier.
ChannelConstants uniform_channels(size_t channels, int32_t multiplier, int8_t shift) {
  return {.multiplier = std::vector<int32_t>(channels, multiplier),
          .shift = std::vector<int8_t>(channels, shift)};
}

std::optional<std::vector<uint32_t>> encoded_channels(const DrawnChannels& drawn) {
  return encode_channels(drawn.constants, drawn.factor, drawn.scales);
}

// Without a byte written elsewhere.
ChannelConstants unpacked_channels(const std::vector<uint32_t>& words, size_t channels,
                                   int32_t bias_bytes) {
  constexpr uint8_t kUntouched = 0xA5;
  const size_t bytes = channels * (static_cast<size_t>(bias_bytes) + 5);
  std::vector<int64_t> memory(bytes / 8 + 2);
  auto* const data = reinterpret_cast<uint8_t*>(memory.data());
  std::fill(data, data + memory.size() * 8, kUntouched);
  mote_unpack_channels(words.data(), static_cast<int32_t>(channels), data);
  for (size_t i = bytes; i < memory.size() * 8; i++) EXPECT_EQ(data[i], kUntouched) << i - bytes;

  ChannelConstants result{.bias_bytes = bias_bytes};
  const uint8_t* from = data;
  for (size_t c = 0; c < channels && bias_bytes > 0; c++, from += bias_bytes)
    result.bias.push_back(bias_bytes == 4 ? *reinterpret_cast<const int32_t*>(from)
                                          : *reinterpret_cast<const int64_t*>(from));
  const auto* multiplier = reinterpret_cast<const int32_t*>(from);
  result.multiplier.assign(multiplier, multiplier + channels);
  const auto* shift = reinterpret_cast<const int8_t*>(multiplier + channels);
  result.shift.assign(shift, shift + channels);
  return result;
}

// How many words they take, or 0.
size_t expect_channels_back(const DrawnChannels& drawn) {
  const auto words = encoded_channels(drawn);
  EXPECT_TRUE(words.has_value());
  if (!words) return 0;
  EXPECT_EQ(unpacked_channels(*words, drawn.scales.size(), drawn.constants.bias_bytes),
            drawn.constants);
  return words->size();
}

// The header, and then so many bits in words of which one is never full.
size_t words_for(size_t channels, size_t bits) {
  return 3 + channels * bits / 32 + 1;
}

TEST(Channels, ComeBackWhateverTheirScales) {
  for (const size_t channels : {1, 2, 7, 33, 1000})
    for (uint64_t seed = 1; seed <= 20; seed++) {
      SCOPED_TRACE(::testing::Message() << channels << " channels, seed " << seed);
      Random random(seed, "channels");
      const DrawnChannels drawn = drawn_channels(channels, random);
      const auto [least, most] = std::ranges::minmax(drawn.constants.shift);
      const size_t shift_bits = std::bit_width(static_cast<uint32_t>(most - least));
      EXPECT_EQ(expect_channels_back(drawn),
                words_for(channels, shift_bits + (channels > 1 ? 24 : 0)));
    }
}

// Adds a channel of that scale; false where its product, a little below a power of two, rounds to
// it, which no product of the first bits does.
bool add_channel(DrawnChannels& drawn, float scale) {
  const double product = drawn.factor * scale;
  const mote_multiplier m = mote_quantize_multiplier(product);
  drawn.scales.push_back(scale);
  drawn.constants.multiplier.push_back(m.multiplier);
  drawn.constants.shift.push_back(static_cast<int8_t>(m.shift));
  int exponent;
  return m.multiplier > 1 << 30 || std::frexp(product, &exponent) == 0.5;
}

// Products just below and above a power of two, and scales from the least binary32 on.
TEST(Channels, ComeBackAtTheEndsOfScales) {
  const float one = 1.0f, above = std::nextafter(1.0f, 2.0f), below = std::nextafter(1.0f, 0.0f);
  int32_t rounded_up = 0;
  for (const float factor : {one, above, below, 1.5f, 0x1.6A09E6p0f}) {
    DrawnChannels drawn{.factor = factor};
    for (const float scale : {one, above, below, 1 / factor, std::nextafter(1 / factor, 0.0f),
                              std::nextafter(1 / factor, 2.0f), 0.75f, 0x1.8p-20f}) {
      DrawnChannels more = drawn;
      if (add_channel(more, scale)) {
        drawn = more;
      } else {
        EXPECT_FALSE(encoded_channels(more));
        rounded_up++;
      }
    }
    expect_channels_back(drawn);
  }
  EXPECT_GT(rounded_up, 0);
  DrawnChannels tiny{.factor = 0x1p130};
  for (const float scale : {0x1p-149f, 0x1.8p-148f, 0x1p-126f, 0x1.FFFFFEp-126f})
    EXPECT_TRUE(add_channel(tiny, scale));
  expect_channels_back(tiny);
}

TEST(Channels, OneMultiplierIsThereOnce) {
  for (const int32_t multiplier : {0, 1 << 30, (1 << 30) + 1, 1234567890, INT32_MAX})
    for (const int8_t shift : {-31, 0, 31})
      for (const size_t channels : {1, 40}) {
        const ChannelConstants constants = uniform_channels(channels, multiplier, shift);
        const auto words = encode_channels(constants, 0.3, {});
        ASSERT_TRUE(words);
        EXPECT_EQ(words->size(), words_for(channels, 0));
        EXPECT_EQ(unpacked_channels(*words, channels, 0), constants);
      }
}

TEST(Channels, ShiftsTakeTheBitsOfTheirRange) {
  for (const int8_t most : {-31, -30, 0, 31}) {
    ChannelConstants constants = uniform_channels(5, 1 << 30, -31);
    constants.shift[3] = most;
    const auto words = encode_channels(constants, 1, {});
    ASSERT_TRUE(words);
    EXPECT_EQ(words->size(), words_for(5, std::bit_width(static_cast<uint32_t>(most + 31))));
    EXPECT_EQ(unpacked_channels(*words, 5, 0), constants);
  }
}

TEST(Channels, BiasesTakeTheBitsOfTheirRange) {
  Random random(1, "biases");
  for (const int32_t bias_bytes : {4, 8})
    for (const bool differ : {false, true})
      for (int32_t bits = 0; bits <= 32; bits++) {
        SCOPED_TRACE(::testing::Message() << bias_bytes << " bytes, " << bits << " bits");
        const size_t channels = 50;
        DrawnChannels drawn = drawn_channels(channels, random, 1);
        if (!differ) drawn.constants = uniform_channels(channels, 1'900'000'000, -7);
        drawn.constants.bias_bytes = bias_bytes;
        const int64_t values = int64_t{1} << bits;
        const int64_t least = bits == 32 ? kLeastBias : -values / 3;
        for (size_t c = 0; c < channels; c++)
          drawn.constants.bias.push_back(
              least + static_cast<int64_t>(random.below(static_cast<uint64_t>(values))));
        drawn.constants.bias[11] = least;
        drawn.constants.bias[37] = least + values - 1;
        const auto [low, high] = std::ranges::minmax(drawn.constants.shift);
        const size_t others =
            std::bit_width(static_cast<uint32_t>(high - low)) + (differ ? 24u : 0u);
        EXPECT_EQ(expect_channels_back(drawn),
                  words_for(channels, others + static_cast<size_t>(bits)));
      }
}

TEST(Channels, WiderBiasesStayAsTheyAre) {
  ChannelConstants constants = uniform_channels(2, 1 << 30, 0);
  constants.bias_bytes = 8;
  for (const int64_t bias : {kLeastBias, kMostBias}) {
    constants.bias = {bias, bias};
    const auto words = encode_channels(constants, 1, {});
    ASSERT_TRUE(words);
    EXPECT_EQ(unpacked_channels(*words, 2, 8), constants);
  }
  for (const int64_t bias : {kLeastBias - 1, kMostBias + 1, int64_t{1} << 47, -(int64_t{1} << 62),
                             std::numeric_limits<int64_t>::min()})
    for (const int64_t other : {bias, int64_t{0}}) {
      constants.bias = {other, bias};
      EXPECT_FALSE(encode_channels(constants, 1, {})) << bias;
    }
}

TEST(Channels, MultipliersOfOtherOriginStayAsTheyAre) {
  Random random(5, "others");
  const DrawnChannels drawn = drawn_channels(20, random);
  ASSERT_TRUE(encoded_channels(drawn));
  DrawnChannels other = drawn;
  other.constants.multiplier[7] = 0;  // of a scale so small that the shift would be below -31
  EXPECT_FALSE(encoded_channels(other));
  for (const int32_t off : {-2, 2}) {
    other = drawn;
    other.constants.multiplier[7] += off;
    EXPECT_FALSE(encoded_channels(other)) << off;
  }
  other = drawn;
  other.scales.resize(1);
  EXPECT_FALSE(encoded_channels(other));
}

}  // namespace
}  // namespace mote::deploy
