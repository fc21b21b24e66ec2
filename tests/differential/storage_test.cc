// Storage never changes a bit: decoders against the formulas of docs/arithmetic.md, and against
// what was encoded. That kernels compute the same from packed weights is in rows_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "deploy/storage/storage.h"
#include "ir/node.h"
#include "ops/dense4.h"
#include "tests/support/packable.h"
#include "tests/support/random_data.h"

extern "C" {
#include "runtime/range.h"
#include "runtime/taps.h"
}

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

std::optional<deploy::Encoded> encode_f16(const std::vector<float>& weights) {
  const Constant constant = plain(MOTE_STORAGE_F32, to_bytes(std::span<const float>(weights)));
  return deploy::storage_of(plain(MOTE_STORAGE_F16, {})).encode(constant, DType::float16);
}

std::optional<deploy::Encoded> encode_dense4(const std::vector<int8_t>& weights) {
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
      stored(MOTE_STORAGE_F16, to_bytes(std::span<const uint16_t>(all)), {1, 65536, 1});
  const mote_weights weights = deploy::stored_weights(constant);
  std::vector<float> decoded(all.size());
  int32_t position = 0;
  weights.decode(&weights, &position, 0, 65536, decoded.data());
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
  const std::optional<deploy::Encoded> encoded = encode_dense4(weights);
  ASSERT_TRUE(encoded);
  const Bytes& data = encoded->bytes;
  // TFLite's order: the first of two in the low four bits.
  EXPECT_EQ(data.size(), 256u);
  EXPECT_EQ(data.at(0), 0x88);
  EXPECT_EQ(data.at(1), 0x98);
  const Constant constant = stored(MOTE_STORAGE_DENSE4, data, {1, 512, 1});
  const mote_weights packed = deploy::stored_weights(constant);
  std::vector<int8_t> decoded(512);
  int32_t position = 0;
  packed.decode(&packed, &position, 0, 512, decoded.data());
  EXPECT_EQ(decoded, weights);
}

// By bits: the storage of dense weights.
constexpr std::pair<int32_t, mote_storage> kDense[] = {
    {2, MOTE_STORAGE_DENSE2}, {3, MOTE_STORAGE_DENSE3}, {4, MOTE_STORAGE_DENSE4},
    {5, MOTE_STORAGE_DENSE5}, {6, MOTE_STORAGE_DENSE6}, {7, MOTE_STORAGE_DENSE7}};

// A tile in the middle of [3, 5, 7]: from each of the outer rows its channels.
TEST(Storage, ATileIsDense) {
  std::vector<int8_t> small(105);
  std::vector<float> real(105);
  for (size_t i = 0; i < small.size(); i++) {
    small[i] = static_cast<int8_t>(i % 16) - 8;
    real[i] = static_cast<float>(i) / 8 - 3;
  }
  const WeightLayout layout = {3, 5, 7};
  const Constant f16 = stored(MOTE_STORAGE_F16, encode_f16(real)->bytes, layout);
  const Constant dense4 = stored(MOTE_STORAGE_DENSE4, encode_dense4(small)->bytes, layout);
  std::vector<float> real_tile(42);
  std::vector<int8_t> small_tile(42);
  const mote_weights real_weights = deploy::stored_weights(f16),
                     small_weights = deploy::stored_weights(dense4);
  int32_t position = 0;
  real_weights.decode(&real_weights, &position, 1, 3, real_tile.data());
  small_weights.decode(&small_weights, &position, 1, 3, small_tile.data());
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
  EXPECT_TRUE(unpack_dense4({}, 0).empty());
  // What the graph has as float32 stays so.
  EXPECT_FALSE(deploy::storage_of(plain(MOTE_STORAGE_F16, {}))
                   .encode(plain(MOTE_STORAGE_F32, Bytes(8)), DType::float32));
}

// The weights of one constant, int8 or float, for the storage.
Constant drawn(const deploy::Storage& storage, const WeightLayout& layout, Random& random) {
  const Shape shape = {layout.outer, layout.channels, layout.inner};
  const bool real = storage.element == DType::float32;
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::int8, {1}, {}})};
  const ValueId id = add_constant(
      graph, "weights", {storage.element, shape, {}},
      real ? testing::random_floats(element_count(shape), random)
           : testing::random_integers<int8_t>(element_count(shape), random, -127, 127));
  graph.nodes.push_back({ops::Mul{}, {graph.inputs[0], id}, {}, "node"});
  const Value weights = widened(testing::with_packable_weights(std::move(graph)).value(id));
  return stored(real ? MOTE_STORAGE_F32 : MOTE_STORAGE_DENSE8, *weights.data, layout);
}

// What is encoded is decoded, in tiles of all sizes, each from the first channel to the last; what
// a decoder keeps behind the tile stays, the tile does not.
void expect_back(const deploy::Storage& storage, const Constant& plain, DType dtype) {
  const WeightLayout& layout = plain.layout;
  const std::optional<deploy::Encoded> encoded = storage.encode(plain, dtype);
  ASSERT_TRUE(encoded);
  Constant packed = stored(storage.storage, encoded->bytes, layout);
  const int64_t channel_bytes = layout.outer * layout.inner * size_of(storage.element);
  for (int32_t channels = 1; channels <= layout.channels; channels++) {
    packed.layout.tile_channels = channels;
    const mote_weights coded = deploy::stored_weights(packed);
    const int64_t state_at =
        storage.state_bytes > 0 ? (channels * channel_bytes + 7) / 8 * 8 : channels * channel_bytes;
    Bytes scratch(static_cast<size_t>(state_at + storage.state_bytes), 0xA5);
    int32_t position = 0;
    for (int32_t begin = 0; begin < layout.channels; begin += channels) {
      const int32_t end = std::min(begin + channels, layout.channels);
      const Bytes expected = tile_of(plain.data, size_of(storage.element), layout, begin, end);
      coded.decode(&coded, &position, begin, end, scratch.data());
      const auto tile_end = scratch.begin() + std::ssize(expected);
      ASSERT_EQ(Bytes(scratch.begin(), tile_end), expected)
          << "channels [" << begin << ", " << end << ") of " << layout.channels;
      std::fill(scratch.begin(), scratch.begin() + state_at, uint8_t{0xA5});
    }
  }
}

constexpr WeightLayout kLayouts[] = {{1, 1, 8}, {1, 7, 12}, {9, 5, 1}, {3, 5, 7}, {1, 16, 64}};

// Whatever storages there are.
TEST(Storage, OfEveryRowGivesBackWhatItTook) {
  Random random(3, "storage");
  for (const deploy::Storage& storage : deploy::storages()) {
    if (!storage.coded()) continue;
    const bool real = storage.element == DType::float32;
    for (const WeightLayout& layout : kLayouts) {
      SCOPED_TRACE(storage.name);
      expect_back(storage, drawn(storage, layout, random), real ? DType::float16 : DType::int8);
      if (HasFatalFailure()) return;
    }
  }
}

// Weights of [-limit, limit] of which about so many in a thousand are not 0.
Constant thinned(const WeightLayout& layout, uint64_t kept, int32_t limit, Random& random) {
  const int64_t count = int64_t{layout.outer} * layout.channels * layout.inner;
  Bytes bytes = testing::random_integers<int8_t>(count, random, -limit, limit);
  for (uint8_t& byte : bytes)
    if (random.below(1000) >= kept) byte = 0;
  return stored(MOTE_STORAGE_DENSE8, std::move(bytes), layout);
}

mote_storage narrow(mote_storage storage) {
  return storage == MOTE_STORAGE_BITMAP   ? MOTE_STORAGE_BITMAP4
         : storage == MOTE_STORAGE_BLOCKS ? MOTE_STORAGE_BLOCKS4
                                          : MOTE_STORAGE_N_OF_M4;
}

const deploy::Storage& row(mote_storage storage) {
  return deploy::storage_of(stored(storage, {}, {}));
}

// Of all sparsities and odd sizes, in tiles of all sizes.
TEST(Storage, SparseOnesHoldEverySparsityAndSize) {
  Random random(5, "sparse");
  for (const mote_storage wide : {MOTE_STORAGE_BITMAP, MOTE_STORAGE_BLOCKS, MOTE_STORAGE_N_OF_M})
    for (const uint64_t kept : {0, 20, 100, 500, 900, 1000})
      for (int i = 0; i < 60; i++) {
        const auto size = [&](uint64_t most) {
          return static_cast<int32_t>(1 + random.below(most));
        };
        const WeightLayout layout = {i % 3 == 0 ? size(9) : 1, size(9), size(40)};
        SCOPED_TRACE(::testing::Message()
                     << row(wide).name << " " << layout.outer << ", " << layout.channels << ", "
                     << layout.inner << ": " << kept);
        expect_back(row(wide), thinned(layout, kept, 127, random), DType::int8);
        expect_back(row(narrow(wide)), thinned(layout, kept, 7, random), DType::int8);
        if (HasFatalFailure()) return;
      }
}

// What it comes to in bytes, by the formulas.
TEST(Storage, SparseOnesAreAsSmallAsTheyShouldBe) {
  Random random(6, "sizes");
  const WeightLayout layout = {1, 16, 64};
  const Constant half = thinned(layout, 500, 7, random);
  const auto nonzeros = std::ranges::count_if(half.data, [](uint8_t byte) { return byte != 0; });
  // Of masks, and of values.
  using Sizes = std::pair<int64_t, int64_t>;
  const auto bytes = [](mote_storage storage, const Constant& weights) {
    const deploy::Encoded encoded = *row(storage).encode(weights, DType::int8);
    return Sizes{encoded.mask_bytes, std::ssize(encoded.bytes) - encoded.mask_bytes};
  };
  EXPECT_EQ(bytes(MOTE_STORAGE_DENSE4, half), (Sizes{0, 512}));
  EXPECT_EQ(bytes(MOTE_STORAGE_BITMAP, half), (Sizes{128, nonzeros}));
  EXPECT_EQ(bytes(MOTE_STORAGE_BITMAP4, half), (Sizes{128, (nonzeros + 1) / 2}));
  Constant regular = half;
  for (size_t i = 0; i < regular.data.size(); i++) regular.data[i] = i / 4 % 4 == 1 ? 3 : 0;
  EXPECT_EQ(bytes(MOTE_STORAGE_BLOCKS, regular), (Sizes{32, 256}));
  EXPECT_EQ(bytes(MOTE_STORAGE_BLOCKS4, regular), (Sizes{32, 128}));
  for (size_t i = 0; i < regular.data.size(); i++) regular.data[i] = i % 4 == i / 4 % 4 ? 3 : 0;
  EXPECT_EQ(bytes(MOTE_STORAGE_N_OF_M, regular), (Sizes{2 + 64 + 1, 256}));  // 1 of 4
  EXPECT_EQ(bytes(MOTE_STORAGE_N_OF_M4, regular), (Sizes{2 + 64 + 1, 128}));
}

// Taps say the same as the dense tile: offsets from a run's first weight, what is not 0, the sum.
TEST(Storage, TapsAreTheWeightsThatAreNot0) {
  Random random(8, "taps");
  for (const deploy::Storage& storage : deploy::storages()) {
    if (!storage.sparse()) continue;
    SCOPED_TRACE(storage.name);
    for (const int32_t run : {1, 3, 7, 12, 21}) {
      WeightLayout layout = {1, 5, 2 * run, run};
      const Constant plain = thinned(layout, 300, 7, random);
      const Constant packed =
          stored(storage.storage, storage.encode(plain, DType::int8)->bytes, layout);
      const mote_weights weights = deploy::stored_weights(packed);
      std::vector<mote_taps_entry> tile(static_cast<size_t>(5 * (3 + 2 * run)));
      int32_t position = 0;
      weights.decode(&weights, &position, 0, 2, tile.data());
      weights.decode(&weights, &position, 2, 5, tile.data());
      const auto* entry = tile.data();
      for (int32_t c = 2; c < 5; c++) {
        const auto weight = [&](int32_t k) {
          return static_cast<int8_t>(plain.data[static_cast<size_t>(2 * c * run + k)]);
        };
        int32_t sum = 0;
        for (int32_t k = 0; k < 2 * run; k++) sum += weight(k);
        EXPECT_EQ((entry++)->number, sum);
        for (int32_t k = 0, left = 0; k < 2 * run; k++) {
          if (k % run == 0) {
            EXPECT_EQ(left, 0);
            left = (entry++)->number;
          }
          if (weight(k) == 0) continue;
          ASSERT_GT(left--, 0);
          EXPECT_EQ(entry->tap.offset, k % run);
          EXPECT_EQ((entry++)->tap.weight, weight(k));
        }
      }
    }
  }
}

// All values that they can hold, of sizes that end anywhere in a byte, and no other.
TEST(Storage, DenseOnesHoldWhatTheirBitsDo) {
  Random random(9, "dense");
  for (const auto& [bits, storage] : kDense) {
    SCOPED_TRACE(row(storage).name);
    const int32_t half = 1 << (bits - 1);
    for (int i = 0; i < 60; i++) {
      const auto size = [&](uint64_t most) { return static_cast<int32_t>(1 + random.below(most)); };
      const WeightLayout layout = {size(4), size(9), size(20)};
      const int64_t count = int64_t{layout.outer} * layout.channels * layout.inner;
      const Constant plain =
          stored(MOTE_STORAGE_DENSE8,
                 testing::random_integers<int8_t>(count, random, -half, half - 1), layout);
      expect_back(row(storage), plain, DType::int8);
      if (HasFatalFailure()) return;
      EXPECT_EQ(std::ssize(row(storage).encode(plain, DType::int8)->bytes), (count * bits + 7) / 8);
    }
    for (const int32_t value : {-half - 1, half}) {
      const Constant wide =
          stored(MOTE_STORAGE_DENSE8, {0, static_cast<uint8_t>(value), 0}, {1, 3, 1});
      EXPECT_FALSE(row(storage).encode(wide, DType::int8)) << value;
    }
  }
}

TEST(Storage, DenseOnesAreReadFromLowBits) {
  const auto bytes = [](mote_storage storage, const Bytes& weights) {
    const WeightLayout layout = {1, static_cast<int32_t>(weights.size()), 1};
    return row(storage).encode(stored(MOTE_STORAGE_DENSE8, weights, layout), DType::int8)->bytes;
  };
  EXPECT_EQ(bytes(MOTE_STORAGE_DENSE2, {1, 0xFE, 0, 0xFF}), (Bytes{0b11'00'10'01}));
  EXPECT_EQ(bytes(MOTE_STORAGE_DENSE3, {1, 0xFF, 3}), (Bytes{0b11'111'001, 0}));
  EXPECT_EQ(bytes(MOTE_STORAGE_DENSE7, {1, 0xC0}), (Bytes{0b0'0000001, 0b100000}));
}

// All sets of up to 16 values, whatever they are, in the fewest bits that tell them apart.
TEST(Storage, PaletteHoldsUpToSixteenValues) {
  Random random(10, "palette");
  const int64_t table_bits[] = {1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4};
  for (int32_t values = 1; values <= 17; values++)
    for (const WeightLayout& layout : kLayouts) {
      const Bytes palette = testing::random_integers<int8_t>(256, random, -128, 127);
      const int64_t count = int64_t{layout.outer} * layout.channels * layout.inner;
      Bytes bytes;
      for (int64_t i = 0; i < count; i++) bytes.push_back(palette[static_cast<size_t>(i % values)]);
      const std::set<uint8_t> distinct(bytes.begin(), bytes.end());
      const Constant plain = stored(MOTE_STORAGE_DENSE8, bytes, layout);
      if (distinct.size() > 16) {
        EXPECT_FALSE(row(MOTE_STORAGE_PALETTE).encode(plain, DType::int8));
        continue;
      }
      expect_back(row(MOTE_STORAGE_PALETTE), plain, DType::int8);
      if (HasFatalFailure()) return;
      const int64_t bits = table_bits[distinct.size() - 1];
      EXPECT_EQ(std::ssize(row(MOTE_STORAGE_PALETTE).encode(plain, DType::int8)->bytes),
                1 + (1 << bits) + (count * bits + 7) / 8);
    }
}

// Bits of the shortest codes for so many of each: the sum over all times that the two rarest meet.
int64_t fewest_bits(const std::vector<int64_t>& counts) {
  std::multiset<int64_t> groups(counts.begin(), counts.end());
  int64_t bits = groups.size() == 1 ? *groups.begin() : 0;
  while (groups.size() > 1) {
    const int64_t both = *groups.begin() + *std::next(groups.begin());
    groups.erase(groups.begin(), std::next(groups.begin(), 2));
    groups.insert(both);
    bits += both;
  }
  return bits;
}

// Weight `v` - 100 as often as counts[v] says, mixed.
Constant counted(const std::vector<int64_t>& counts, Random& random) {
  Bytes bytes;
  for (size_t v = 0; v < counts.size(); v++)
    bytes.insert(bytes.end(), static_cast<size_t>(counts[v]), static_cast<uint8_t>(v - 100));
  for (size_t i = bytes.size(); i > 1; i--) std::swap(bytes[i - 1], bytes[random.below(i)]);
  const auto inner = static_cast<int32_t>(bytes.size() / 4);
  bytes.resize(static_cast<size_t>(inner) * 4);
  return stored(MOTE_STORAGE_DENSE8, std::move(bytes), {2, 2, inner});
}

TEST(Storage, HuffmanCodesAreTheShortest) {
  Random random(11, "huffman");
  std::vector<std::vector<int64_t>> cases = {{400}, {4, 4}, {1, 399}, {1, 2, 3, 5, 9, 1000}};
  std::vector<int64_t> bell, flat;
  for (int v = -40; v <= 40; v++) bell.push_back(1 + std::llround(500 * std::exp(-v * v / 200.0)));
  for (int v = 0; v < 255; v++) flat.push_back(4);
  cases.push_back(bell);
  cases.push_back(flat);
  for (const std::vector<int64_t>& counts : cases) {
    const Constant plain = counted(counts, random);
    expect_back(row(MOTE_STORAGE_HUFFMAN), plain, DType::int8);
    if (HasFatalFailure()) return;
    std::vector<int64_t> left;
    for (size_t v = 0; v < counts.size(); v++)
      left.push_back(std::ranges::count(plain.data, static_cast<uint8_t>(v - 100)));
    std::erase(left, 0);
    const Bytes data = row(MOTE_STORAGE_HUFFMAN).encode(plain, DType::int8)->bytes;
    EXPECT_EQ(data[1], left.size());
    EXPECT_EQ(std::ssize(data), 2 + data[0] + data[1] + (fewest_bits(left) + 7) / 8);
  }
}

// Counts of which each is as large as the two before it make codes of one bit more each.
TEST(Storage, HuffmanCodesHaveALimit) {
  Random random(12, "limit");
  std::vector<int64_t> counts = {1, 1};
  while (counts.size() < 28) counts.push_back(counts.back() + *std::next(counts.rbegin()));
  const Constant plain = counted(counts, random);
  EXPECT_LE(row(MOTE_STORAGE_HUFFMAN).encode(plain, DType::int8)->bytes[0], 24);
  expect_back(row(MOTE_STORAGE_HUFFMAN), plain, DType::int8);
}

TEST(Storage, HuffmanIsReadFromLowBits) {
  const Constant seven = stored(MOTE_STORAGE_DENSE8, {0, 1, 0xFF, 0, 0, 0, 1}, {1, 7, 1});
  // Codes 0, 10 and 11 for 0, 1 and -1.
  EXPECT_EQ(row(MOTE_STORAGE_HUFFMAN).encode(seven, DType::int8)->bytes,
            (Bytes{2, 3, 1, 2, 0, 1, 0xFF, 0b0001'1010, 0b01}));
  Bytes all(256);
  for (size_t i = 0; i < 256; i++) all[i] = static_cast<uint8_t>(i);
  EXPECT_FALSE(
      row(MOTE_STORAGE_HUFFMAN).encode(stored(MOTE_STORAGE_DENSE8, all, {1, 256, 1}), DType::int8));
}

// Of all sparsities, widths and odd sizes, in tiles of all sizes.
TEST(Storage, RangeHoldsEverySparsityAndSize) {
  Random random(13, "range");
  for (const int32_t limit : {1, 3, 7, 127})
    for (const uint64_t kept : {0, 20, 140, 500, 1000})
      for (int i = 0; i < 40; i++) {
        const auto size = [&](uint64_t most) {
          return static_cast<int32_t>(1 + random.below(most));
        };
        const WeightLayout layout = {i % 3 == 0 ? size(9) : 1, size(9), size(40)};
        SCOPED_TRACE(::testing::Message() << layout.outer << ", " << layout.channels << ", "
                                          << layout.inner << ": " << kept << " of " << limit);
        expect_back(row(MOTE_STORAGE_RANGE), thinned(layout, kept, limit, random), DType::int8);
        if (HasFatalFailure()) return;
      }
}

// All 256, each alone, and behind what makes it as improbable as a weight can be.
TEST(Storage, RangeHoldsEveryWeight) {
  Bytes all;
  for (int32_t value = -128; value < 128; value++) {
    SCOPED_TRACE(value);
    const auto weight = static_cast<uint8_t>(value);
    all.push_back(weight);
    expect_back(row(MOTE_STORAGE_RANGE), stored(MOTE_STORAGE_DENSE8, {weight}, {1, 1, 1}),
                DType::int8);
    for (const uint8_t usual : {0, 1, 0x80, 0x7F}) {
      Bytes bytes(1000, usual);
      bytes[700] = bytes[999] = weight;
      expect_back(row(MOTE_STORAGE_RANGE), stored(MOTE_STORAGE_DENSE8, bytes, {1, 4, 250}),
                  DType::int8);
    }
    if (HasFatalFailure()) return;
  }
  expect_back(row(MOTE_STORAGE_RANGE), stored(MOTE_STORAGE_DENSE8, all, {4, 8, 8}), DType::int8);
}

// By hand: halves at first, then what came has three quarters.
TEST(Storage, RangeIsOneNumber) {
  const auto bytes = [](const Bytes& weights) {
    const WeightLayout layout = {1, static_cast<int32_t>(weights.size()), 1};
    const Constant plain = stored(MOTE_STORAGE_DENSE8, weights, layout);
    return row(MOTE_STORAGE_RANGE).encode(plain, DType::int8)->bytes;
  };
  EXPECT_EQ(bytes({0}), (Bytes{0}));
  EXPECT_EQ(bytes({0, 0}), (Bytes{0, 0}));
  EXPECT_EQ(bytes({0, 1}), (Bytes{0x60, 0}));  // 1/2 * 3/4
  EXPECT_EQ(bytes({1}), (Bytes{0x80, 0}));     // 1/2
  EXPECT_EQ(bytes({0xFF}), (Bytes{0xA0, 0}));  // 1/2 + 1/2 * 1/2 * 1/2
  EXPECT_EQ(bytes({2}), (Bytes{0xC0, 0}));     // 1/2 + 1/4
}

double entropy_bytes(const Constant& weights) {
  std::map<uint8_t, double> counts;
  for (const uint8_t byte : weights.data) counts[byte]++;
  const auto all = static_cast<double>(weights.data.size());
  double bits = 0;
  for (const auto& [value, count] : counts) bits += count * std::log2(all / count);
  return bits / 8;
}

// What it learns costs about half of the logarithm of their number for each value; and it goes on
// learning, so that it is never quite sure.
TEST(Storage, RangeTakesHardlyMoreThanTheEntropy) {
  Random random(14, "entropy");
  const auto size = [](const Constant& plain) {
    return static_cast<double>(row(MOTE_STORAGE_RANGE).encode(plain, DType::int8)->bytes.size());
  };
  for (const uint64_t kept : {20, 110, 160, 500, 1000})
    for (const int32_t limit : {1, 3, 7})
      for (const int32_t inner : {50, 300, 5000}) {
        SCOPED_TRACE(::testing::Message() << kept << " of " << limit << ", " << inner);
        const Constant plain = thinned({1, 8, inner}, kept, limit, random);
        const double values = 2 * limit + 1, weights = 8 * inner;
        const double learning = 2 + values * std::log2(weights) / 2 / 8;
        EXPECT_LT(size(plain), 1.03 * entropy_bytes(plain) + learning);
      }
  EXPECT_LT(size(stored(MOTE_STORAGE_DENSE8, Bytes(20000), {1, 10, 2000})), 40);
}

// So is no bit impossible, and the range never empty.
TEST(Storage, RangeLeavesEachBitItsPart) {
  Random random(15, "parts");
  for (const uint64_t ones : {0, 1, 10, 500, 990, 999, 1000}) {
    mote_range_bit bit = mote_range_unknown();
    for (int i = 0; i < 5000; i++) {
      for (const uint32_t range : {uint32_t{MOTE_RANGE_LEAST}, 257u, 1000u, 65535u}) {
        const uint32_t of_zero = mote_range_of_zero(bit, range);
        ASSERT_GT(of_zero, 0u) << ones << " in 1000, bit " << i;
        ASSERT_LT(of_zero, range) << ones << " in 1000, bit " << i;
      }
      bit = mote_range_after(bit, random.below(1000) < ones ? 1 : 0);
    }
  }
}

// From low bits to high ones: bit 0 is weight 0.
TEST(Storage, BitmapIsReadFromLowBits) {
  const Bytes weights = {0, 5, 0, 0, 0, 0, 0, 0, 0xFF, 0};
  const Constant constant = stored(MOTE_STORAGE_DENSE8, weights, {1, 2, 5});
  EXPECT_EQ(row(MOTE_STORAGE_BITMAP).encode(constant, DType::int8)->bytes,
            (Bytes{0x02, 0x01, 5, 0xFF}));
  EXPECT_EQ(row(MOTE_STORAGE_BITMAP4).encode(constant, DType::int8)->bytes,
            (Bytes{0x02, 0x01, 0xF5}));
  const Constant wide = stored(MOTE_STORAGE_DENSE8, {8, 0}, {1, 2, 1});
  EXPECT_FALSE(row(MOTE_STORAGE_BITMAP4).encode(wide, DType::int8));
}

}  // namespace
}  // namespace mote
