------------------------------ MODULE TwoPhase ------------------------------
(* Two-phase commit, after Gray and Lamport, "Consensus on Transaction       *)
(* Commit", 2006, section 3.2 and appendix. Written for the tests of         *)
(* snippets/concepts/two_phase_commit.py, whose explore() is compared with   *)
(* what TLC finds here.                                                      *)
CONSTANT Managers
VARIABLES manager,   \* the state of each resource manager
          coord,     \* the state of the transaction manager
          heard,     \* the managers whose Prepared it has received
          wire       \* the messages ever sent; they may be received at any time

vars == <<manager, coord, heard, wire>>

Init == /\ manager = [m \in Managers |-> "working"]
        /\ coord = "init"
        /\ heard = {}
        /\ wire = {}

Prepare(m) == /\ manager[m] = "working"
              /\ manager' = [manager EXCEPT ![m] = "prepared"]
              /\ wire' = wire \cup {m}
              /\ UNCHANGED <<coord, heard>>

Refuse(m) == /\ manager[m] = "working"
             /\ manager' = [manager EXCEPT ![m] = "aborted"]
             /\ UNCHANGED <<coord, heard, wire>>

Hear(m) == /\ coord = "init"
           /\ m \in wire
           /\ heard' = heard \cup {m}
           /\ UNCHANGED <<manager, coord, wire>>

Decide(what) == /\ coord = "init"
                /\ what = "committed" => heard = Managers
                /\ coord' = what
                /\ wire' = wire \cup {what}
                /\ UNCHANGED <<manager, heard>>

Obey(m, what) == /\ what \in wire
                 /\ manager' = [manager EXCEPT ![m] = what]
                 /\ UNCHANGED <<coord, heard, wire>>

Next == \/ \E m \in Managers : Prepare(m) \/ Refuse(m) \/ Hear(m)
        \/ \E what \in {"committed", "aborted"} :
              Decide(what) \/ \E m \in Managers : Obey(m, what)

Spec == Init /\ [][Next]_vars

Consistent == \A a, b \in Managers :
                 ~(manager[a] = "committed" /\ manager[b] = "aborted")
=============================================================================
