#include "compress/agreement.h"

#include <algorithm>

#include "evaluate/classes.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"

namespace mote::compress {

Agreement agreement_of(const Graph& trained, const Graph& integers,
                       const datasets::Split& samples) {
  constexpr int32_t kBatch = 256;
  const auto floats = evaluate::make_engine("float", trained);
  const auto kernels = evaluate::make_engine(evaluate::kDefaultEngine, integers);
  const auto classes = [&](evaluate::Engine& engine, const Graph& graph, int32_t begin,
                           int32_t count) {
    const std::vector<Bytes> outputs =
        engine.run(evaluate::encode(graph, samples, begin, count), count);
    return evaluate::classify(graph, outputs.at(0), count);
  };
  Agreement result{.same = 0, .samples = samples.count()};
  for (int32_t begin = 0; begin < samples.count(); begin += kBatch) {
    const int32_t count = std::min(kBatch, samples.count() - begin);
    const std::vector<int32_t> expected = classes(*floats, trained, begin, count);
    const std::vector<int32_t> actual = classes(*kernels, integers, begin, count);
    for (size_t i = 0; i < expected.size(); i++) result.same += expected[i] == actual[i];
  }
  return result;
}

}  // namespace mote::compress
