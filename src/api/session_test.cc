// Prepared models: the same bytes as Model::run, and no memory asked for while they run. This
// program's operator new counts.
#include <gtest/gtest.h>
#include <mote/mote.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "base/random.h"
#include "compress/compress.h"
#include "ir/text.h"
#include "tests/support/sanitized.h"

namespace {

std::atomic<int64_t> allocations = 0;

#if !MOTE_SANITIZED
void* counted(size_t bytes, size_t alignment) {
  allocations++;
  void* memory = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

#endif

}  // namespace

#if !MOTE_SANITIZED
// All forms of new and delete come down to these four. Inlined, their free() would not match the
// new that GCC sees.
__attribute__((noinline)) void* operator new(size_t bytes) {
  return counted(bytes, alignof(std::max_align_t));
}
__attribute__((noinline)) void* operator new(size_t bytes, std::align_val_t alignment) {
  return counted(bytes, std::max(static_cast<size_t>(alignment), alignof(std::max_align_t)));
}
__attribute__((noinline)) void operator delete(void* memory) noexcept {
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
__attribute__((noinline)) void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
#endif

namespace mote {
namespace {

constexpr int32_t kPixels = 12 * 12;

Tensor images(int32_t count) {
  Random random(5);
  std::vector<uint8_t> pixels(static_cast<size_t>(count * kPixels));
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random.below(256));
  return Tensor::of({count, 12, 12, 1}, pixels);
}

Model model(const std::string& recipe) {
  const Model network = open("zoo:custom?width=0.2&input=12x12x1&classes=2");
  return network.compress(make_dataset("noise", {.train = {images(20), {}}}), recipe);
}

// Runs each image of `input` in the session's own memory; the outputs, one after another.
std::vector<uint8_t> outputs_of(Session& session, const Tensor& input, int32_t count) {
  const std::span<uint8_t> in = session.inputs()[0].data;
  std::vector<uint8_t> outputs;
  for (int32_t i = 0; i < count; i++) {
    std::copy_n(&input.data[static_cast<size_t>(i) * in.size()], in.size(), in.begin());
    session.run();
    const std::span<const uint8_t> out = session.outputs()[0].data;
    outputs.insert(outputs.end(), out.begin(), out.end());
  }
  return outputs;
}

TEST(Session, GivesTheBytesOfRunInEveryScheme) {
  for (const char* recipe : {"float32", "int8", "int16x8", "dynamic_range", "float16"}) {
    const Model small = model(recipe);
    const Tensor input = small.encode(images(4));
    for (const char* engine : {"native", "reference"}) {
      const Tensor expected = small.run({input}, {.engine = engine}).at(0);
      Session session = small.prepare({.engine = engine});
      EXPECT_EQ(outputs_of(session, input, 4), expected.data) << recipe << ", " << engine;
    }
  }
}

TEST(Session, AllocatesNothingWhileItRuns) {
  if (testing::kSanitized) GTEST_SKIP() << "sanitizers bring a heap of their own";
  for (const char* recipe : {"float32", "int8", "int16x8", "dynamic_range", "float16"}) {
    const Model small = model(recipe);
    Session session = small.prepare();
    std::vector<uint8_t> bytes(session.inputs()[0].data.size()), result(8);
    const ConstTensorView in[] = {
        {session.inputs()[0].type, session.inputs()[0].shape, std::span(bytes)}};
    const TensorView out[] = {{session.outputs()[0].type, session.outputs()[0].shape,
                               std::span(result).first(session.outputs()[0].data.size())}};
    const int64_t before = allocations;
    for (int i = 0; i < 3; i++) session.run();
    for (int i = 0; i < 3; i++) session.run(in, out);
    EXPECT_EQ(allocations, before) << recipe;
    EXPECT_GT(before, 0);
  }
}

TEST(Session, RunsInTheCallersMemory) {
  const Model small = model("int8");
  const Tensor input = small.encode(images(1));
  const std::vector<int8_t> pixels = input.as<int8_t>();
  std::vector<int8_t> scores(2);
  const int32_t in_shape[] = {1, 12, 12, 1}, out_shape[] = {1, 2};
  const auto in = ConstTensorView::of(in_shape, std::span(pixels));
  const auto out = TensorView::of(out_shape, std::span(scores));
  Session session = small.prepare();
  session.run({&in, 1}, {&out, 1});
  EXPECT_EQ(scores, small.run({input}).at(0).as<int8_t>());
  EXPECT_EQ(out.as<int8_t>().data(), scores.data());
  EXPECT_EQ(session.inputs()[0].as<int8_t>().size(), 144u);
  EXPECT_THROW(session.inputs()[0].as<float>(), Error);
}

TEST(Session, SaysWhichViewDoesNotFit) {
  Session session = model("float32").prepare();
  std::vector<float> memory(200);
  const int32_t in_shape[] = {1, 12, 12, 1}, flat[] = {1, 144}, out_shape[] = {1, 2};
  const auto floats = [&](std::span<const int32_t> shape, size_t begin, size_t count) {
    return TensorView::of(shape, std::span(memory).subspan(begin, count));
  };
  const TensorView good_in = floats(in_shape, 0, 144), good_out = floats(out_shape, 150, 2);
  const auto message = [&](const TensorView& in, const TensorView& out) -> std::string {
    try {
      const ConstTensorView inputs[] = {{in.type, in.shape, in.data}};
      session.run(inputs, {&out, 1});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::usage);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(good_in, good_out), "");
  EXPECT_NE(message(floats(flat, 0, 144), good_out).find("float32[1, 144] of 576 bytes is given"),
            std::string::npos);
  EXPECT_NE(message({"int32", in_shape, good_in.data}, good_out).find("int32[1, 12, 12, 1]"),
            std::string::npos);
  EXPECT_NE(message(floats(in_shape, 0, 143), good_out).find("of 572 bytes"), std::string::npos);
  EXPECT_NE(message(good_in, floats(flat, 0, 144)).find("output '"), std::string::npos);
  EXPECT_NE(message(good_in, floats(out_shape, 143, 2)).find("another tensor's too"),
            std::string::npos);
  const std::span<uint8_t> odd(reinterpret_cast<uint8_t*>(memory.data()) + 1, 576);
  EXPECT_NE(message({"float32", in_shape, odd}, good_out).find("not aligned"), std::string::npos);
  EXPECT_THROW(session.run({}, {}), Error);
  EXPECT_THROW(model("float32").prepare({.engine = "float"}), Error);
  EXPECT_THROW(model("float32").prepare({.engine = "warp"}), Error);
}

TEST(Session, ACopyForEachThread) {
  constexpr int32_t kImages = 40;
  const Model small = model("int8");
  const Tensor input = small.encode(images(kImages));
  const std::vector<uint8_t> expected = small.run({input}).at(0).data;
  const Session first = small.prepare();
  std::vector<std::vector<uint8_t>> results(3);
  {
    std::vector<std::jthread> threads;
    for (std::vector<uint8_t>& result : results)
      threads.emplace_back(
          [&, session = first]() mutable { result = outputs_of(session, input, kImages); });
  }
  for (const std::vector<uint8_t>& result : results) EXPECT_EQ(result, expected);
}

// A model with two inputs and two outputs, one of which is an input.
TEST(Session, HasAViewForEachInputAndOutput) {
  const Model two(std::make_shared<const Graph>(
      parse("graph two\ninput a: float32[1, 2]\ninput b: float32[1, 2]\n"
            "sum: float32[1, 2] = Add(a, b)\nrelu: float32[1, 2] = Relu(sum)\noutput sum, relu\n",
            {})));
  Session session = two.prepare();
  ASSERT_EQ(session.inputs().size(), 2u);
  ASSERT_EQ(session.outputs().size(), 2u);
  const std::span<float> a = session.inputs()[0].as<float>(), b = session.inputs()[1].as<float>();
  a[0] = 1, a[1] = 2, b[0] = 3, b[1] = -4;
  session.run();
  const auto sum = session.outputs()[0].as<float>(), relu = session.outputs()[1].as<float>();
  EXPECT_EQ(std::vector<float>(sum.begin(), sum.end()), (std::vector<float>{4, -2}));
  EXPECT_EQ(std::vector<float>(relu.begin(), relu.end()), (std::vector<float>{4, 0}));
}

TEST(ToArray, BelievesNoShapeThatItsBytesDoNotFill) {
  const Model small = model("float32");
  for (const std::vector<int32_t>& shape : {std::vector<int32_t>{65536, 65536, 65536, 65536},
                                            {1073741824, 1073741824, 16},
                                            {2147483647, 2147483647, 2147483647, 3}}) {
    try {
      small.run({Tensor{"float32", shape, {}}});
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::usage);
      EXPECT_NE(error.message.find("takes more bytes than the 0 that are there"), std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace mote
