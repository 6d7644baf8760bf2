// A hint to the scheduler for threads that work in short bursts and that others wait for.
#pragma once

namespace kalamdb {

// The calling thread is to run soon after it is woken, at the price of shorter turns, even when
// every core is busy. Without effect before Linux 6.12; needs no privilege.
void AskForPromptWakeups();

}  // namespace kalamdb
