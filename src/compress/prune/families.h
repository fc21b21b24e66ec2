// Which channels of a graph can go, in families: a layer's width, with all that has the same
// channels. And which of them do, once each has a score. Inside prune/ only; tested by
// channels_test.cc.
#pragma once

#include <vector>

#include "compress/prune/channels.h"
#include "passes/channel_groups.h"

namespace mote::compress {

struct Candidate {
  passes::ChannelGroup group;
  double score = 0;  // how much it matters, compared with all others of all families
};

struct Family {
  std::vector<ValueId> values;
  std::vector<Candidate> candidates;
};

// Those whose channels compute zeros once what training changes is zero. Throws Error{unsupported}
// where there are none.
std::vector<Family> removable_families(const Graph& graph);

// What is left of a graph without some groups.
class ChannelCosts {
 public:
  ChannelCosts(const Graph& graph, const ChannelGoal& goal, const std::vector<Family>& families);

  double left(const std::vector<const Candidate*>& gone) const;
  // How much one candidate takes with it, alone.
  double of(const Candidate& candidate) const { return left({}) - left({&candidate}); }

 private:
  struct Layer {
    ValueId input, output;
    bool mixes;  // each output channel reads many
    double macs, weights;
  };

  double count_of(ValueId id) const;
  template <class Of>
  double sum(const std::vector<double>& kept, Of&& of, int32_t of_channel) const;
  double peak(const std::vector<double>& kept) const;

  const Graph& graph_;
  const ChannelGoal& goal_;
  double candidates_ = 0;
  std::vector<Layer> layers_;
};

// The candidates of the lowest scores, as few as reach `growth` of the way to the goal; what stays
// of a family is rounded up to a multiple of 4, or of 2 or 1 where the goal is beyond that. Throws
// Error{usage} where the goal is beyond reach.
std::vector<const Candidate*> choose(const std::vector<Family>& families, const ChannelCosts& costs,
                                     const ChannelGoal& goal, double growth);

// Masks what training changes of the groups.
void mask_channels(Graph& graph, const std::vector<const Candidate*>& gone);

}  // namespace mote::compress
