// Training's state in a `.mote` file: the graph with its weights as they are, and beside it
// moving averages, history and the options they belong to. No generator's state: every epoch's
// random numbers follow from seed and epoch. Tested by train_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compress/train/optimizer.h"
#include "compress/train/train.h"

namespace mote::compress {

struct Saved {
  TrainState state;
  Masks masks = {};
  std::vector<EpochRecord> history;  // one per finished epoch
};

// "epochs = 20", a line per option.
std::string fingerprint_of(const TrainOptions& options);

// `fingerprint` is text, one line per option and whatever else must be the same when training is
// taken up again.
void write_checkpoint(const std::string& path, const Graph& graph,
                      const autograd::Parameters& parameters, const Saved& saved,
                      const std::string& fingerprint);
// A state of the sizes of `initial`; nothing where there is no such file. Error{usage} where the
// fingerprint differs, naming the line; options that the file does not name are at their default.
// Error{invalid_input} for a file that is no whole checkpoint.
std::optional<Saved> read_checkpoint(const std::string& path, const TrainState& initial,
                                     const std::string& fingerprint);

}  // namespace mote::compress
