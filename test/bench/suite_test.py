#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the figures and verdicts of test/bench/run on numbers whose outcome is known."""
import unittest

from suite import loads, noise, report

QUIET = noise.Noise(steal=0.0, others=0.01)


def measured(raw, costrix, machine=QUIET, wanted=None):
    return loads.Measured(loads.Case('bench', 64, 4000), {'raw epoll': raw, 'Costrix': costrix},
                          {'raw epoll': raw, 'Costrix': costrix}, machine, wanted or len(raw))


class Ratios(unittest.TestCase):
    def test_are_taken_round_by_round(self):
        # Both servers get slower together: the medians' ratio would be 1.2 as well, the least and the most not.
        self.assertEqual(report.ratios([12, 22, 36], [10, 20, 30]), '1.20 (1.10–1.20)')

    def test_show_the_one_round_that_is_off(self):
        self.assertEqual(report.ratios([11, 11, 20], [10, 10, 10]), '1.10 (1.10–2.00)')

    def test_of_two_builds_have_a_column(self):
        self.assertEqual(report.columns(['raw epoll', 'Costrix', 'before (HEAD~1)']),
                         [('Costrix', 'raw epoll'), ('before (HEAD~1)', 'raw epoll'), ('Costrix', 'before (HEAD~1)')])


class Verdict(unittest.TestCase):
    def test_prints_the_medians_of_a_quiet_machine(self):
        found = measured([10000, 10100, 9900], [11000, 11110, 10890])
        self.assertEqual(found.reasons(), [])
        self.assertIn('| 10.0 (9.9–10.1) | 1.10 (1.10–1.10) |', report.table([found], ['raw epoll', 'Costrix']))

    def refuses(self, found, reason):
        self.assertEqual(len(found.reasons()), 1)
        self.assertIn(reason, found.reasons()[0])
        table = report.table([found], ['raw epoll', 'Costrix'])
        self.assertIn('refused: ' + found.reasons()[0], table)
        self.assertNotIn('1.10', table)

    def test_refuses_those_of_a_machine_that_others_use(self):
        self.refuses(measured([10, 10, 10], [11, 11, 11], noise.Noise(0, 0.06)), 'other processes took 6.0%')

    def test_refuses_those_of_a_machine_whose_time_is_stolen(self):
        self.refuses(measured([10, 10, 10], [11, 11, 11], noise.Noise(0.03, 0)), 'steal time 3.0%')

    def test_refuses_those_of_rounds_that_spread(self):
        self.refuses(measured([10, 10, 12, 12], [11, 11, 13.2, 13.2]), 'rounds of raw epoll spread by 18%')

    def test_does_not_mind_one_round_that_is_off(self):
        self.assertEqual(measured([10] * 8 + [15], [11] * 9).reasons(), [])

    def test_refuses_too_few_rounds(self):
        self.refuses(measured([10, 10], [11, 11], wanted=9), 'only 2 of 9 rounds')

    def test_prints_noisy_figures_when_told_to_and_marks_them(self):
        found = measured([10000] * 3, [11000] * 3, noise.Noise(0.03, 0))
        self.assertIn('| 10.0 (10.0–10.0) (noisy) | 1.10 (1.10–1.10) |',
                      report.table([found], ['raw epoll', 'Costrix'], anyway=True))

    def test_refuses_a_load_without_a_round_in_any_case(self):
        self.assertIn('refused', report.table([measured([], [], wanted=9)], ['raw epoll', 'Costrix'], anyway=True))


class Clock(unittest.TestCase):
    def test_tells_the_work_of_others_from_the_benchmarks(self):
        #                              user nice system idle iowait irq softirq steal guest
        before = noise.Clock.parse('cpu 1000 0 0 1000 0 0 0 0 0 0\ncpu0 …', ticks=100, own=5)
        after = noise.Clock.parse('cpu 1300 100 50 1500 10 20 10 10 0 0\ncpu0 …', ticks=100, own=9)
        found = noise.Noise.between(before, after)  # ten seconds: 4.8 busy, of which 4 are the benchmark's
        self.assertAlmostEqual(found.others, 0.08)
        self.assertAlmostEqual(found.steal, 0.01)
        self.assertEqual(noise.Noise.between(after, after), noise.Noise(0.0, 0.0))  # no time between


class Order(unittest.TestCase):
    def test_lets_each_server_be_first_as_often(self):
        orders = [tuple(loads.in_turn(['a', 'b', 'c'], turn)) for turn in range(6)]
        self.assertEqual(len(set(orders)), 6)

    def test_swaps_two_servers(self):
        firsts = [loads.in_turn(['a', 'b'], turn)[0] for turn in range(4)]
        self.assertEqual(sorted(firsts), ['a', 'a', 'b', 'b'])


class Cases(unittest.TestCase):
    def test_have_names_of_their_own(self):
        names = [case.name for case in loads.cases()]
        self.assertEqual(len(names), len(set(names)))

    def test_reach_the_sessions_they_name(self):
        for case in loads.cases():
            self.assertGreaterEqual(case.calls, case.sessions, case.name)


if __name__ == '__main__':
    unittest.main()
