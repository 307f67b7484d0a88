"""Room: the people who help - Friends, Profis, internal staff - what they may do, where and when.

Announces `FriendJoined`, `FriendChanged`, `FriendPaused`, `FriendResumed`, `FriendSuspended`,
`FriendReinstated`, `QualificationGranted`, `QualificationRevoked`.
"""
