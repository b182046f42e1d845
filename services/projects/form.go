package projects

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"digitalpath/models"
	"digitalpath/problem"
)

// checkMembers says who each member is, and holds the members against each other:
// everybody once, one owner, and a project that has an owner keeps one.
func checkMembers(ctx context.Context, tx bun.Tx, before, after *models.Project, faults problem.Fields) error {
	var stored []models.ProjectMember
	actor := models.ActorOf(ctx)
	switch {
	case before != nil:
		stored = before.Members
	case actor.User != nil && memberOf(after.Members, actor.User.ID) == nil && !hasOwner(after.Members):
		after.Members = append(after.Members, models.ProjectMember{UserID: actor.User.ID, Role: models.RoleOwner})
	}
	if err := nameMembers(ctx, tx, faults, after.Members); err != nil {
		return err
	}
	seen, owners := map[int64]bool{}, 0
	for i := range after.Members {
		member := &after.Members[i]
		member.ID = 0 // a membership is known by its user
		if old := memberOf(stored, member.UserID); old != nil {
			member.ID = old.ID
		}
		if seen[member.UserID] && member.UserID != 0 {
			faults.Add(fmt.Sprintf("members.%d.user_id", i), "This user is a member already.")
		}
		seen[member.UserID] = true
		if member.Role != models.RoleOwner {
			continue
		}
		if owners++; owners > 1 {
			faults.Add(fmt.Sprintf("members.%d.role", i), "A project has one owner.")
		}
	}
	if owners == 0 && hasOwner(stored) {
		faults.Add("members", "A project keeps its owner: make another member the owner first.")
	}
	return nil
}

func hasOwner(members []models.ProjectMember) bool {
	for _, member := range members {
		if member.Role == models.RoleOwner {
			return true
		}
	}
	return false
}

// nameMembers puts to each member who it is; a new one must have an active account.
func nameMembers(ctx context.Context, tx bun.Tx, fields problem.Fields, members []models.ProjectMember) error {
	for i := range members {
		member := &members[i]
		if member.User != nil && member.User.ID == member.UserID {
			continue
		}
		place := fmt.Sprintf("members.%d.user_id", i)
		if member.UserID == 0 {
			continue // which its validation says
		}
		user, err := findUser(ctx, tx, MemberInput{UserID: member.UserID})
		if p, ok := problem.As(err); ok {
			fields[place] = append(fields[place], p.Message)
			continue
		}
		if err != nil {
			return err
		}
		member.User = user
	}
	return nil
}
