// Storage never changes a bit: decoders against the formulas of docs/arithmetic.md, and against
// what was encoded. That kernels compute the same from packed weights is in rows_test.cc.
#include <gtest/gtest.h>

#include <cmath>

#include "deploy/storage/storage.h"
#include "ir/node.h"
#include "tests/support/packable.h"
#include "tests/support/random_data.h"

namespace mote {
namespace {

// Sign, 5 bits of exponent with bias 15, 10 bits of fraction.
double value_of_half(uint32_t half) {
  const int exponent = static_cast<int>(half / 1024 % 32);
  const double fraction = half % 1024;
  const double magnitude = exponent == 0    ? std::ldexp(fraction, -24)
                           : exponent == 31 ? HUGE_VAL
                                            : std::ldexp(1024 + fraction, exponent - 25);
  return half >= 32768 ? -magnitude : magnitude;
}

bool is_nan(uint32_t half) {
  return half / 1024 % 32 == 31 && half % 1024 != 0;
}

Constant stored(mote_storage storage, Bytes data, WeightLayout layout) {
  return {"weights", {}, storage, std::move(data), layout};
}

Constant plain(mote_storage storage, Bytes data) {
  return stored(storage, std::move(data), {});
}

std::optional<Bytes> encode_f16(const std::vector<float>& weights) {
  const Constant constant = plain(MOTE_STORAGE_F32, to_bytes(std::span<const float>(weights)));
  return deploy::storage_of(plain(MOTE_STORAGE_F16, {})).encode(constant, DType::float16);
}

std::optional<Bytes> encode_dense4(const std::vector<int8_t>& weights) {
  const Constant constant = plain(MOTE_STORAGE_DENSE8, to_bytes(std::span<const int8_t>(weights)));
  return deploy::storage_of(plain(MOTE_STORAGE_DENSE4, {})).encode(constant, DType::int8);
}

// Channels [begin, end) of [outer, channels, inner].
Bytes tile_of(const Bytes& weights, int64_t element_bytes, const WeightLayout& layout,
              int32_t begin, int32_t end) {
  Bytes tile;
  const int64_t channel = layout.inner * element_bytes;
  for (int32_t i = 0; i < layout.outer; i++) {
    const auto row = weights.begin() + i * layout.channels * channel;
    tile.insert(tile.end(), row + begin * channel, row + end * channel);
  }
  return tile;
}

TEST(Storage, F16DecodesEveryPattern) {
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i < all.size(); i++) all[i] = static_cast<uint16_t>(i);
  const Constant constant =
      stored(MOTE_STORAGE_F16, to_bytes(std::span<const uint16_t>(all)), {1, 65536, 1, 65536, 0});
  const mote_weights weights = deploy::stored_weights(constant);
  std::vector<float> decoded(all.size());
  weights.decode(&weights, 0, 65536, decoded.data());
  for (uint32_t half = 0; half < all.size(); half++) {
    if (is_nan(half)) {
      EXPECT_TRUE(std::isnan(decoded[half])) << half;
    } else {
      EXPECT_EQ(decoded[half], static_cast<float>(value_of_half(half))) << half;
    }
    EXPECT_EQ(std::signbit(decoded[half]), half >= 32768) << half;
  }
}

TEST(Storage, Dense4DecodesEveryPair) {
  std::vector<int8_t> weights, expected;
  for (int first = -8; first < 8; first++)
    for (int second = -8; second < 8; second++) {
      weights.push_back(static_cast<int8_t>(first));
      weights.push_back(static_cast<int8_t>(second));
    }
  const std::optional<Bytes> data = encode_dense4(weights);
  ASSERT_TRUE(data);
  // TFLite's order: the first of two in the low four bits.
  EXPECT_EQ(data->size(), 256u);
  EXPECT_EQ(data->at(0), 0x88);
  EXPECT_EQ(data->at(1), 0x98);
  const Constant constant = stored(MOTE_STORAGE_DENSE4, *data, {1, 512, 1, 512, 0});
  const mote_weights packed = deploy::stored_weights(constant);
  std::vector<int8_t> decoded(512);
  packed.decode(&packed, 0, 512, decoded.data());
  EXPECT_EQ(decoded, weights);
}

// A tile in the middle of [3, 5, 7]: from each of the outer rows its channels.
TEST(Storage, ATileIsDense) {
  std::vector<int8_t> small(105);
  std::vector<float> real(105);
  for (size_t i = 0; i < small.size(); i++) {
    small[i] = static_cast<int8_t>(i % 16) - 8;
    real[i] = static_cast<float>(i) / 8 - 3;
  }
  const WeightLayout layout = {3, 5, 7, 2, 0};
  const Constant f16 = stored(MOTE_STORAGE_F16, *encode_f16(real), layout);
  const Constant dense4 = stored(MOTE_STORAGE_DENSE4, *encode_dense4(small), layout);
  std::vector<float> real_tile(42);
  std::vector<int8_t> small_tile(42);
  const mote_weights real_weights = deploy::stored_weights(f16),
                     small_weights = deploy::stored_weights(dense4);
  real_weights.decode(&real_weights, 1, 3, real_tile.data());
  small_weights.decode(&small_weights, 1, 3, small_tile.data());
  for (size_t i = 0; i < 42; i++) {
    const size_t from = i / 14 * 35 + 7 + i % 14;
    EXPECT_EQ(real_tile[i], real[from]);
    EXPECT_EQ(small_tile[i], small[from]);
  }
}

TEST(Storage, EncodersTakeOnlyWhatTheyCanHold) {
  const float least = 0x1p-24f, largest = 65504.0f;
  EXPECT_TRUE(encode_f16({0.0f, -0.0f, least, largest, -HUGE_VALF}));
  for (const float value : {least / 2, largest + 8, 1.0f / 3, 1 + 0x1p-11f, 70000.0f})
    EXPECT_FALSE(encode_f16({value})) << value;
  EXPECT_TRUE(encode_dense4({-8, 7, 0}));
  EXPECT_FALSE(encode_dense4({-9}));
  EXPECT_FALSE(encode_dense4({8}));
  // What the graph has as float32 stays so.
  EXPECT_FALSE(deploy::storage_of(plain(MOTE_STORAGE_F16, {}))
                   .encode(plain(MOTE_STORAGE_F32, Bytes(8)), DType::float32));
}

// Whatever storages there are: what is encoded is decoded, in tiles of all sizes.
TEST(Storage, OfEveryRowGivesBackWhatItTook) {
  Random random(3, "storage");
  for (const deploy::Storage& storage : deploy::storages()) {
    if (!storage.coded()) continue;
    SCOPED_TRACE(storage.name);
    const WeightLayout layouts[] = {{1, 1, 8}, {1, 7, 12}, {9, 5, 1}, {3, 5, 7}, {1, 16, 64}};
    for (const WeightLayout& layout : layouts) {
      const Shape shape = {layout.outer, layout.channels, layout.inner};
      const bool real = storage.element == DType::float32;
      Graph graph;
      graph.inputs = {add_value(graph, "x", {DType::int8, {1}, {}})};
      const ValueId id = add_constant(
          graph, "weights", {storage.element, shape, {}},
          real ? testing::random_floats(element_count(shape), random)
               : testing::random_integers<int8_t>(element_count(shape), random, -127, 127));
      graph.nodes.push_back({ops::Mul{}, {graph.inputs[0], id}, {}, "node"});
      graph = testing::with_packable_weights(std::move(graph));
      const Value weights = widened(graph.value(id));
      Constant constant = plain(real ? MOTE_STORAGE_F32 : MOTE_STORAGE_DENSE8, *weights.data);
      const std::optional<Bytes> data = storage.encode(constant, graph.value(id).type.dtype);
      ASSERT_TRUE(data);
      const Constant packed = stored(storage.storage, *data, layout);
      const mote_weights coded = deploy::stored_weights(packed);
      for (int32_t begin = 0; begin < layout.channels; begin++)
        for (int32_t end = begin + 1; end <= layout.channels; end++) {
          const Bytes expected =
              tile_of(*weights.data, size_of(storage.element), layout, begin, end);
          Bytes tile(expected.size());
          coded.decode(&coded, begin, end, tile.data());
          ASSERT_EQ(tile, expected) << to_string(shape) << " [" << begin << ", " << end << ")";
        }
    }
  }
}

}  // namespace
}  // namespace mote
